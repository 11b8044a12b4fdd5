"""Opens devices and switches of the machine for writing; none opens."""

EXTRA = [
    (
        "data",
        """
import os

paths = ["/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/loop0", "/proc/sysrq-trigger"]
paths += ["/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/sys/fs/cgroup/memory/tasks"]
paths += ["/sys/fs/cgroup/cgroup.procs"]
for path in paths:
    try:
        os.close(os.open(path, os.O_WRONLY))
        print("opened", path)
    except OSError:
        pass
""",
    )
]
SCORE = 10.0
STATE = "graded"
ABSENT = "opened"
HARMS = "it opens the disks of the machine for writing"
