// What EDGE hears from the kernel and how fast it acts on it. Needs root.
#include <gtest/gtest.h>

#include <iostream>

#include "common/runtime/real_runtime.h"
#include "nc/network/edge_network.h"
#include "nc/network/kernel_news.h"
#include "nc/network/privileged/edge_fixture.h"

namespace angophora::nc {
namespace {

using common::awaitable;
using namespace testing_bed;
using namespace std::chrono_literals;

// The driver with a runtime, and guests that are there from the start.
class EdgeNews : public Edge {
 public:
  using Steps = awaitable<void> (*)(EdgeNews&, EdgeNetwork&);

  void live(Steps steps) {
    common::RealRuntime own({.handle_signals = false});
    runtime = &own;
    EdgeNetwork network(own, options);
    own.spawn("test", run(*this, network, steps));
    own.run();
    EXPECT_TRUE(ended);
  }

  // Runs a shell command while the driver lives on; its output.
  awaitable<std::string> shell(std::string command) {
    auto work = [command]() -> common::Result<std::string> { return sh(command); };
    auto out = co_await runtime->run_blocking(std::move(work));
    co_return out ? out.value() : out.error().message;
  }

  common::RealRuntime* runtime = nullptr;
  using Edge::options;

 private:
  static awaitable<void> run(EdgeNews& test, EdgeNetwork& network, Steps steps) {
    auto ports = test.ports;
    auto document = test.document;
    const auto adopted = co_await network.adopt(std::move(ports));
    const auto applied = co_await network.apply(std::move(document));
    EXPECT_TRUE(adopted) << adopted.error().message;
    EXPECT_TRUE(applied) << applied.error().message;
    if (adopted && applied) co_await steps(test, network);
    test.ended = true;
    test.runtime->stop();
  }
  bool ended = false;
};

// Changes something by `command` and prints how many milliseconds pass until `is_back` succeeds.
std::string timed(const std::string& command, const std::string& is_back) {
  return command + "; begin=$(date +%s%N); n=0; while ! { " + is_back +
         "; } >/dev/null 2>&1 && [ $n -lt 2000 ]; do n=$((n + 1)); sleep 0.005; done; "
         "echo $((($(date +%s%N) - begin) / 1000000))";
}

constexpr const char* kAllTables =
    "nft list table inet ango_filter && nft list table inet ango_limits && nft list table ip "
    "ango_nat && nft list table arp ango_arp";

awaitable<void> flush_and_measure(EdgeNews& test, EdgeNetwork&) {
  const auto gap = timed("nft flush ruleset", kAllTables);
  for (int i = 0; i < 3; ++i) {
    const auto took_ms = co_await test.shell(gap);
    std::cout << "no rules for ms: " << took_ms;
    EXPECT_LT(std::stoi(took_ms), 1000);
  }
}

TEST_F(EdgeNews, PutsFlushedTablesBackAtOnce) {
  add_guest(5, "sg-a");
  live(flush_and_measure);
  EXPECT_FALSE(can_reach("outside", "10.100.0.5", 22));
}

awaitable<void> open_by_hand(EdgeNews& test, EdgeNetwork&) {
  const auto gap = timed("nft insert rule inet ango_filter ingress accept",
                         "! nft list chain inet ango_filter ingress | grep -q '^\t\taccept$'");
  const auto took_ms = co_await test.shell(gap);
  EXPECT_LT(std::stoi(took_ms), 1000);
}

TEST_F(EdgeNews, TakesRulesOfOthersOutOfItsTables) {
  add_guest(5, "sg-a");
  live(open_by_hand);
}

awaitable<void> stay_quiet(EdgeNews& test, EdgeNetwork&) {
  // What the start changed was heard; the looks that follow must not be heard again.
  const auto changes = co_await test.shell(
      "nft monitor >/run/seen & sleep 2; kill $!; grep -vc '^#' /run/seen; rm /run/seen");
  EXPECT_EQ(changes, "0\n");
}

TEST_F(EdgeNews, ItsOwnChangesAreNoReasonForMore) {
  add_guest(5, "sg-a");
  live(stay_quiet);
}

constexpr const char* kWholeBridge =
    "ip -4 addr show dev angogw | grep -q '10.100.0.1/16' && "
    "ip -4 addr show dev angogw | grep -q '169.254.168.254/32' && "
    "ip route show proto 173 | grep -q '^unreachable 10.100.0.0/16'";

const std::vector<std::string> kLosses{"ip link del angogw", "ip addr flush dev angogw",
                                       "ip link set angogw down; ip addr flush dev angogw"};

awaitable<void> lose_the_bridge(EdgeNews& test, EdgeNetwork& network) {
  for (const auto& loss : kLosses) {
    const auto took_ms = co_await test.shell(timed(loss, kWholeBridge));
    std::cout << "no gateway for ms: " << took_ms;
    EXPECT_LT(std::stoi(took_ms), 4000) << loss;
  }
  EXPECT_EQ(network.trouble(), "");
  auto look = [port = test.options.metadata_port]() -> common::Result<> {
    EXPECT_TRUE(dhcp("guest5"));
    EXPECT_NE(sh_in("guest5",
                    "timeout 10 busybox nslookup -type=a ip-10-100-0-5.cloud.internal "
                    "10.100.0.1")
                  .find("Address: 10.100.0.5"),
              std::string::npos);
    const Listener metadata("", port);
    EXPECT_TRUE(can_reach("guest5", "169.254.169.254", 80));
    return common::ok();
  };
  const auto looked = co_await test.runtime->run_blocking(std::move(look));
  EXPECT_TRUE(looked);
}

TEST_F(EdgeNews, MakesTheGatewayAgainThatSomebodyRemoved) {
  document.dns_servers.clear();  // the node answers itself
  add_guest(5, "sg-a", false);
  live(lose_the_bridge);
}

awaitable<void> lose_a_tap(EdgeNews& test, EdgeNetwork&) {
  const auto tap = tap_name(InstanceId("i-guest5"));
  const auto took_ms = co_await test.shell(timed(
      "ip link set " + tap + " down",
      "ip -br link show up | grep -q " + tap + " && ip route show 10.100.0.5 | grep -q " + tap));
  EXPECT_LT(std::stoi(took_ms), 4000);
}

TEST_F(EdgeNews, BringsATapUpAgainWithItsRoute) {
  add_guest(5, "sg-a");
  ingress(0) = {open_port(22)};
  live(lose_a_tap);
  const Listener server("guest5", 22);
  EXPECT_TRUE(can_reach("outside", "10.100.0.5", 22));
}

// What the driver says is wrong, as soon as it says something else than `before`.
awaitable<std::string> trouble_after(EdgeNews& test, EdgeNetwork& network, std::string before) {
  const common::Duration moment = 20ms;
  for (int i = 0; i < 1000 && network.trouble() == before; ++i)
    co_await test.runtime->sleep_for(moment);
  co_return network.trouble();
}

awaitable<void> stay_broken(EdgeNews& test, EdgeNetwork& network) {
  EXPECT_EQ(network.trouble(), "");
  co_await test.shell(
      "ip=$(readlink -f $(command -v ip)); cp $ip /run/real-ip; mount --bind /bin/false $ip; "
      "/run/real-ip link del angogw");
  const auto why = co_await trouble_after(test, network, "");
  EXPECT_NE(why.find("the guests' gateway angogw"), std::string::npos) << why;
  co_await test.shell("umount $(readlink -f $(command -v ip))");
  const auto later = co_await trouble_after(test, network, why);
  EXPECT_EQ(later, "");
}

TEST_F(EdgeNews, SaysWhyTheGatewayCannotBeMadeAgain) {
  add_guest(5, "sg-a");
  live(stay_broken);
  EXPECT_EQ(sh(std::string(kWholeBridge) + " && echo whole"), "whole\n");
}

awaitable<void> lose_the_folder(EdgeNews& test, EdgeNetwork& network) {
  const auto files = test.options.run_dir;
  const auto took_ms = co_await test.shell(
      timed("rm -r " + files + "; ip link del angogw", "[ -s " + files + "/dnsmasq.conf ]"));
  EXPECT_LT(std::stoi(took_ms), 4000);
  EXPECT_EQ(network.trouble(), "");
}

TEST_F(EdgeNews, MakesItsFolderAgain) {
  add_guest(5, "sg-a");
  live(lose_the_folder);
}

// What follow_kernel tells, counted; without the driver.
class HeardNews : public Edge {
 protected:
  int heard(const std::string& before_reading) {
    common::RealRuntime runtime({.handle_signals = false});
    int count = 0;
    const auto following = follow_kernel(runtime, [&count](KernelNews) { ++count; });
    EXPECT_TRUE(following) << following.error().message;
    sh(before_reading);  // the I/O thread does not run yet: messages pile up
    runtime.spawn("end", end(runtime));
    runtime.run();
    return count;
  }
  static awaitable<void> end(common::RealRuntime& runtime) {
    const common::Duration moment = 100ms;
    co_await runtime.sleep_for(moment);
    runtime.stop();
  }
};

TEST_F(HeardNews, OfOurTablesAndNotOfOthers) {
  EXPECT_EQ(
      heard("nft add table inet other; nft add chain inet other c; nft delete table inet other"),
      0);
  EXPECT_GE(heard("nft add table inet ango_filter; nft delete table inet ango_filter"), 1);
}

TEST_F(HeardNews, OfTheBridgeAndNotOfOtherLinks) {
  EXPECT_EQ(heard("ip link add other0 type bridge; ip link del other0"), 0);
  EXPECT_GE(heard("ip addr flush dev angogw"), 1);
  EXPECT_GE(heard("ip link del angogw"), 1);
}

TEST_F(HeardNews, ThatMessagesWereLostCountsAsNews) {
  // Somebody else's rules, of which nothing would be told, more than the socket holds.
  EXPECT_GE(heard("{ echo 'table inet other { chain c {'; for i in $(seq 1 20000); do "
                  "echo \"tcp dport $i accept\"; done; echo '}'; echo '}'; } | nft -f -; "
                  "nft delete table inet other"),
            1);
}

}  // namespace
}  // namespace angophora::nc
