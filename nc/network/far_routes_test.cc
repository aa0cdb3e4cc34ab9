#include "nc/network/far_routes.h"

#include <gtest/gtest.h>

namespace angophora::nc {
namespace {

using common::Errc;
using common::InstanceId;
using common::NodeName;

NetworkInstance placed(const std::string& id, const std::string& address, const std::string& node) {
  return {InstanceId(id), {}, "d0:0d:00:00:00:01", address, "", NodeName(node), {}};
}

EdgeState sample() {
  EdgeState state;
  state.document.version = 1;
  state.document.nodes = {{NodeName("node-1"), "192.0.2.1"}, {NodeName("node-2"), "192.0.2.2"}};
  state.document.instances = {
      placed("i-1", "10.100.0.5", "node-1"), placed("i-2", "10.100.0.6", "node-2"),
      placed("i-3", "10.100.0.7", "node-3"), placed("i-4", "10.100.0.8", "")};
  return state;
}

TEST(FarRoutes, LeadToGuestsOfOtherNodesWhoseAddressIsKnown) {
  EXPECT_EQ(far_routes(sample(), {"192.0.2.1", "127.0.0.1"}),
            (FarRoutes{{"10.100.0.6", "192.0.2.2"}}));
  EXPECT_EQ(far_routes(sample(), {"192.0.2.2"}), (FarRoutes{{"10.100.0.5", "192.0.2.1"}}));
}

TEST(FarRoutes, ThereIsNoneToAGuestThatHasItsPortHere) {
  auto state = sample();
  state.ports = {{InstanceId("i-2"), "d0:0d:00:00:00:01", "10.100.0.6", "angot2"}};
  EXPECT_TRUE(far_routes(state, {"192.0.2.1"}).empty());
}

TEST(FarRoutes, LeadToPublicAddressesAsWell) {
  auto state = sample();
  state.document.instances[1].public_ip = "198.51.100.6";
  EXPECT_EQ(far_routes(state, {"192.0.2.1"}),
            (FarRoutes{{"10.100.0.6", "192.0.2.2"}, {"198.51.100.6", "192.0.2.2"}}));
  state.ports = {{InstanceId("i-2"), "d0:0d:00:00:00:01", "10.100.0.6", "angot2"}};
  EXPECT_TRUE(far_routes(state, {"192.0.2.1"}).empty());
}

TEST(FarRoutes, AreReadFromWhatIpSays) {
  const auto routes = far_routes_from_json(
      R"([{"type":"unreachable","dst":"10.100.0.0/16","metric":4278198272,"flags":[]},
          {"dst":"10.100.0.5","dev":"angot1","scope":"link","flags":[]},
          {"dst":"10.100.0.6","gateway":"192.0.2.2","dev":"eth0","metric":1000,"flags":[]}] )");
  ASSERT_TRUE(routes) << routes.error().message;
  EXPECT_EQ(routes.value(), (FarRoutes{{"10.100.0.6", "192.0.2.2"}}));
  EXPECT_TRUE(far_routes_from_json("").value().empty());
  EXPECT_TRUE(far_routes_from_json("[ ]\n").value().empty());
  EXPECT_EQ(far_routes_from_json("RTNETLINK").error().code, Errc::corrupt);
  EXPECT_EQ(far_routes_from_json("{}").error().code, Errc::corrupt);
}

TEST(NearRoutes, AreThoseOfTapsAndWhatIsUnreachable) {
  const auto routes = near_routes_from_json(
      R"([{"type":"unreachable","dst":"10.100.0.0/16","metric":4278198272,"flags":[]},
          {"dst":"10.100.0.5","dev":"angot1","scope":"link","flags":[]},
          {"dst":"10.100.0.6","gateway":"192.0.2.2","dev":"eth0","metric":1000,"flags":[]}] )");
  ASSERT_TRUE(routes) << routes.error().message;
  EXPECT_EQ(routes.value(), (NearRoutes{{"10.100.0.0/16", ""}, {"10.100.0.5", "angot1"}}));
  EXPECT_TRUE(near_routes_from_json("").value().empty());
  EXPECT_EQ(near_routes_from_json("RTNETLINK").error().code, Errc::corrupt);
}

TEST(FarRoutes, OnlyWhatDiffersIsChanged) {
  const FarRoutes present{
      {"10.100.0.5", "192.0.2.1"}, {"10.100.0.6", "192.0.2.2"}, {"10.100.0.7", "192.0.2.3"}};
  const FarRoutes wanted{
      {"10.100.0.6", "192.0.2.2"}, {"10.100.0.7", "192.0.2.4"}, {"10.100.0.8", "192.0.2.2"}};
  EXPECT_EQ(far_route_commands(present, wanted),
            "route del 10.100.0.5/32 via 192.0.2.1 proto 173 metric 1000\n"
            "route replace 10.100.0.7/32 via 192.0.2.4 proto 173 metric 1000\n"
            "route replace 10.100.0.8/32 via 192.0.2.2 proto 173 metric 1000\n");
  EXPECT_EQ(far_route_commands(wanted, wanted), "");
}

}  // namespace
}  // namespace angophora::nc
