#include "clc/store/property_values.h"
#include "clc/testing/action_fixture.h"

namespace angophora::clc {
namespace {

class PropertyActions : public testing::ActionFixture {};

TEST_F(PropertyActions, AChangeCountsAtOnceAndIsKept) {
  const auto changed =
      call("ModifyPropertyValue", {{"Name", "cloud.key_pairs_max"}, {"Value", "5"}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed.value().find("oldValue"), "1000");
  EXPECT_EQ(properties.number("cloud.key_pairs_max"), 5);
  const auto stored = write([](Tx& tx) { return PropertyValues(tx).list(); });
  ASSERT_EQ(stored.value().size(), 1u);
  ASSERT_TRUE(call("ModifyPropertyValue", {{"Name", "cloud.key_pairs_max"}, {"Reset", "true"}}));
  EXPECT_EQ(properties.number("cloud.key_pairs_max"), 1000);
}

TEST_F(PropertyActions, RefuseWhatAPropertyDoesNotTake) {
  const auto refuse = [&](testing::Pairs pairs) {
    const auto reply = call("ModifyPropertyValue", std::move(pairs));
    EXPECT_FALSE(reply);
    return reply ? std::string() : reply.error().message;
  };
  refuse({{"Name", "cloud.key_pairs_max"}, {"Value", "0"}});
  refuse({{"Name", "cloud.key_pairs_max"}, {"Value", "many"}});
  refuse({{"Name", "cloud.key_pairs_max"}});
  refuse({{"Name", "cloud.key_pairs_max"}, {"Value", "1"}, {"Reset", "true"}});
  EXPECT_NE(refuse({{"Name", "cloud.key_pair_max"}, {"Value", "1"}}).find("'cloud.key_pairs_max'"),
            std::string::npos);
}

TEST_F(PropertyActions, TextWithAShapeIsChecked) {
  const auto set = [&](const char* name, const char* value) {
    return call("ModifyPropertyValue", {{"Name", name}, {"Value", value}});
  };
  EXPECT_TRUE(set("network.dns_servers", "192.0.2.53 192.0.2.54"));
  EXPECT_TRUE(set("network.dns_servers", ""));
  for (const auto* bad : {"192.0.2.533", "dns.example.org", "0.0.0.0", "192.0.2.1,192.0.2.2",
                          "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4"}) {
    const auto refused = set("network.dns_servers", bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_EQ(refused.error().code, RequestErrc::invalid_value);
  }
  EXPECT_EQ(properties.text("network.dns_servers"), "");
  EXPECT_TRUE(set("cloud.instance_types", "big.one=64,1000,100 m1.small=off"));
  EXPECT_EQ(set("cloud.instance_types", "big.one=64").error().code, RequestErrc::invalid_value);
}

TEST_F(PropertyActions, AreListedByTheBeginningOfTheirNames) {
  const auto all = call("DescribeProperties");
  EXPECT_EQ(all.value().all("properties/item").size(), all_properties().size());
  const auto one = call("DescribeProperties", {{"Property.1", "cloud.key"}});
  EXPECT_EQ(one.value().find("properties/item/name"), "cloud.key_pairs_max");
  EXPECT_EQ(one.value().find("properties/item/defaultValue"), "1000");
}

}  // namespace
}  // namespace angophora::clc
