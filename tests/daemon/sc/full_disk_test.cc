// The plug-in on a disk that fills up: a small file system in a namespace of the test's own.
#include <gtest/gtest.h>

#include "common/process/process.h"
#include "tests/daemon/neighbours/program.h"

namespace angophora::testing {
namespace {

// $0 is an empty folder, $1 the plug-in. Each step ends the script when it is not as it must be.
constexpr char kScript[] = R"(
set -eu
mount -t tmpfs -o size=8m none "$0"
cd "$0"
head -c 4M /dev/zero > filler
truncate -s 64M vol-00000001.raw
trap 'kill $(cat pid)' EXIT
nbdkit --log syslog --unix "$0/socket" --pidfile "$0/pid" "$1" \
  file="$0/vol-00000001.raw" size=67108864 export=v
disk="nbd+unix:///v?socket=$0/socket"
io() { qemu-io -f raw "$@" "$disk" 2>&1; }
io -c 'write -P 1 0 2M' -c 'flush'
if said=$(io -c 'write -P 2 2M 8M'); then echo "a full disk took it all: $said"; exit 1; fi
echo "$said" | grep -q 'No space left on device'
same() { # PATTERN OFFSET COUNT
  said=$(io -c "read -P $1 $2 $3")
  case $said in *'verification failed'*) echo "$said"; exit 1 ;; esac
}
same 1 0 2M
rm filler
io -c 'write -P 2 2M 3M' -c 'flush'
same 1 0 2M
same 2 2M 3M
if [ -e vol-00000001.damage ]; then echo 'a full disk is no damage'; exit 1; fi
)";

TEST(FullDisk, IsToldToTheGuestWhoMayRepeatTheWriteWhenThereIsRoom) {
  const TemporaryFolder folder;
  process::Command command;
  command.argv = {"unshare", "--user", "--map-root-user", "--mount",    "/bin/sh",
                  "-c",      kScript,  folder.path(),     VOLUME_PLUGIN};
  command.limit = std::chrono::seconds(60);
  const auto outcome = process::run(command);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome.value().exit_code, 0) << outcome.value().out << outcome.value().err;
}

}  // namespace
}  // namespace angophora::testing
