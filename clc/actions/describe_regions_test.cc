#include "clc/testing/action_fixture.h"

namespace angophora::clc {
namespace {

class DescribeRegions : public testing::ActionFixture {};

TEST_F(DescribeRegions, TellsTheOneRegionAndWhereItAnswers) {
  const auto reply = call("DescribeRegions");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply.value().find("regionInfo/item/regionName"), "angophora");
  EXPECT_EQ(reply.value().find("regionInfo/item/regionEndpoint"), "http://127.0.0.1:8773");
}

TEST_F(DescribeRegions, KeepsWhatTheFiltersMatch) {
  const auto matching =
      call("DescribeRegions", {{"Filter.1.Name", "region-name"}, {"Filter.1.Value.1", "ang*"}});
  ASSERT_TRUE(matching) << matching.error().message;
  EXPECT_EQ(matching.value().all("regionInfo/item").size(), 1u);
  const auto other =
      call("DescribeRegions", {{"Filter.1.Name", "region-name"}, {"Filter.1.Value.1", "us-*"}});
  ASSERT_TRUE(other);
  EXPECT_EQ(other.value().all("regionInfo/item").size(), 0u);
}

TEST_F(DescribeRegions, RefusesARegionThatIsNotThere) {
  const auto reply = call("DescribeRegions", {{"RegionName.1", "us-east-1"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, ZoneErrc::region_not_found);
}

TEST_F(DescribeRegions, RefusesUnknownParametersAndFiltersByName) {
  const auto parameter = call("DescribeRegions", {{"Regionname.1", "x"}});
  ASSERT_FALSE(parameter);
  EXPECT_EQ(parameter.error().code, RequestErrc::unknown_parameter);
  EXPECT_EQ(parameter.error().message, "The parameter Regionname.1 is not recognized");
  const auto filter = call("DescribeRegions", {{"Filter.1.Name", "x"}, {"Filter.1.Value", "y"}});
  ASSERT_FALSE(filter);
  EXPECT_EQ(filter.error().code, RequestErrc::bad_filter);
}

TEST_F(DescribeRegions, AnswersADryRun) {
  const auto reply = call("DescribeRegions", {{"DryRun", "true"}});
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, RequestErrc::dry_run_succeeded);
}

}  // namespace
}  // namespace angophora::clc
