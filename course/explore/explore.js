// Which explorer a model is for. Python joins the files into one.

import { openRegion } from "./region.js";
import { openSlope } from "./slope.js";
import { openSurface } from "./surface.js";
import { alive } from "../diagram/alive.js";

const kinds = { slope: openSlope, surface: openSurface, region: openRegion };

export default alive((model, element) => kinds[model.get("kind")](element, model.get("state"), model.get("svg")));
