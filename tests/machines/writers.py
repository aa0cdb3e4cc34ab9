"""Programs in guests that write all the time, and what must then be on their volumes."""

import subprocess

import cloud

BLOCK = 4096
LINE = 64
BLOCKS = 8192  # of each writer, which must not come so far

# What it notes is in memory: a power cut must not meet the guest's own disk, which has no journal, at work.
# Block after block: each says 64 times who wrote it and as which; the last that was acknowledged is in WHO.done.
WRITER = r"""
device=$1 who=$2 first=$3 n=0
while [ ! -e /dev/writers/$who.stop ]; do
  n=$((n + 1))
  l=$(printf '%-63s|' "$who $n")
  l=$l$l$l$l; l=$l$l$l$l; l=$l$l$l$l
  printf %s "$l" | dd of=$device bs=4096 seek=$((first + n)) conv=notrunc,fsync 2>/dev/writers/$who.error || {
    echo $n > /dev/writers/$who.failed
    exit
  }
  echo $n > /dev/writers/$who.new && mv /dev/writers/$who.new /dev/writers/$who.done
done
touch /dev/writers/$who.stopped
"""


class Writer:
    """Writes to its own part of a device in a guest, from its making on."""

    def __init__(self, guest, device, who, part):
        self.guest = guest
        self.who = who
        self.first = part * BLOCKS
        self.guest.ssh(
            f"mkdir -p /dev/writers; cat > /dev/writers/writer <<'E'\n{WRITER}E\n"
            f"sh /dev/writers/writer {device} {who} {self.first} >/dev/null 2>&1 &")
        cloud.wait_until(f"{who} writes", self.acknowledged, 30)

    def acknowledged(self):
        """How many blocks are on the volume for good."""
        said = self.guest.ssh(f"cat /dev/writers/{self.who}.done", check=False).stdout.strip()
        return int(said or 0)

    def goes_on(self, limit_s=60):
        before = self.acknowledged()
        cloud.wait_until(f"{self.who} goes on", lambda: self.acknowledged() > before, limit_s)

    def error(self):
        """What its guest saw; "" while all went well."""
        script = f"[ ! -e /dev/writers/{self.who}.failed ] || cat /dev/writers/{self.who}.failed /dev/writers/{self.who}.error"
        return self.guest.ssh(script).stdout

    def stop(self):
        """Ends it; returns what it knows to be written."""
        self.guest.ssh(f"touch /dev/writers/{self.who}.stop")
        stopped = f"ls /dev/writers/{self.who}.stopped /dev/writers/{self.who}.failed 2>/dev/null"
        cloud.wait_until(
            f"{self.who} stops", lambda: self.guest.ssh(stopped, check=False).stdout.strip(), 60)
        if self.error():
            raise AssertionError(f"{self.who} saw an error: {self.error()}")
        return self.acknowledged()


def read(guest, device, first, count):
    """Blocks of a device, past the guest's memory."""
    command = f"echo 3 > /proc/sys/vm/drop_caches; dd if={device} bs={BLOCK} skip={first} count={count} 2>/dev/null | gzip -1"
    done = subprocess.run(
        ["sh", "-c", '"$@" | gzip -dc', "sh", *guest.ssh_command(command)],
        check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    if len(done.stdout) != count * BLOCK:
        raise AssertionError(f"{len(done.stdout)} of {count * BLOCK} bytes were read: {done.stderr}")
    return done.stdout


def check(guest, device, writer, acknowledged):
    """Everything that was acknowledged is there, and behind it at most what was under way."""
    found = read(guest, device, writer.first + 1, acknowledged + 2)
    for at in range(acknowledged + 2):
        block = found[at * BLOCK:(at + 1) * BLOCK]
        line = f"{writer.who} {at + 1}".encode().ljust(LINE - 1) + b"|"
        if block == line * (BLOCK // LINE):
            continue
        if at < acknowledged or block != bytes(BLOCK):
            raise AssertionError(f"block {at + 1} of {writer.who} ({acknowledged} acknowledged) is {block[:80]}")
