#include "walrus/documents/lifecycle.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"

namespace angophora::walrus {
namespace {

using namespace std::chrono_literals;

xml::Element rules(const std::string& inner) {
  return xml::read("<LifecycleConfiguration>" + inner + "</LifecycleConfiguration>").value();
}
std::string rule(const std::string& rest, const std::string& id = "r") {
  return "<Rule><ID>" + id + "</ID><Status>Enabled</Status>" + rest + "</Rule>";
}
const std::string kOneDay = "<Expiration><Days>1</Days></Expiration>";
const std::string kPrefix = "<Filter><Prefix>a/</Prefix></Filter>";

S3Errc judged(const std::string& inner) {
  const auto root = rules(inner);
  if (const auto shape = check_shape(root, kLifecycleShape); !shape)
    return s3_error_of(shape.error());
  const auto checked = check_lifecycle(root);
  return checked ? S3Errc::none : s3_error_of(checked.error());
}

TEST(Lifecycle, TakesWhatAmazonTakes) {
  EXPECT_EQ(judged(rule(kPrefix + kOneDay)), S3Errc::none);
  EXPECT_EQ(judged(rule("<Prefix></Prefix>" + kOneDay)), S3Errc::none);
  EXPECT_EQ(judged(rule("<Filter/><Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>")),
            S3Errc::none);
  EXPECT_EQ(judged(rule(kPrefix + "<Transition><Days>0</Days><StorageClass>X</StorageClass>"
                                  "</Transition>")),
            S3Errc::none);
}

TEST(Lifecycle, RefusesWhatMakesNoSense) {
  EXPECT_EQ(judged(rule(kPrefix)), S3Errc::malformed_xml) << "it does nothing";
  EXPECT_EQ(judged(rule(kOneDay)), S3Errc::malformed_xml) << "it is about nothing";
  EXPECT_EQ(judged(rule(kPrefix + kOneDay, std::string(256, 'i'))), S3Errc::invalid_argument);
  EXPECT_EQ(judged(rule(kPrefix + kOneDay) + rule(kPrefix + kOneDay)), S3Errc::invalid_argument);
  EXPECT_EQ(judged(rule(kPrefix + "<Expiration><Days>0</Days></Expiration>")),
            S3Errc::invalid_argument);
  EXPECT_EQ(judged(rule(kPrefix + "<Expiration><Date>2030-01-01T01:00:00Z</Date></Expiration>")),
            S3Errc::invalid_argument);
  EXPECT_EQ(judged(rule(kPrefix + "<Expiration/>")), S3Errc::malformed_xml);
  EXPECT_EQ(judged("<Rule><Status>enabled</Status>" + kPrefix + kOneDay + "</Rule>"),
            S3Errc::malformed_xml);
}

TEST(Lifecycle, FiltersByAllThatIsSaid) {
  const auto all = lifecycle_rules(
      rules(rule("<Filter><And><Prefix>a/</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>"
                 "<ObjectSizeGreaterThan>10</ObjectSizeGreaterThan></And></Filter>" +
                 kOneDay)));
  ASSERT_EQ(all.size(), 1u);
  Object object;
  object.key = "a/b";
  object.size_bytes = 11;
  object.tags = {{"k", "v"}};
  EXPECT_TRUE(all[0].is_about(object));
  object.size_bytes = 10;
  EXPECT_FALSE(all[0].is_about(object));
  object.size_bytes = 11;
  object.tags = {{"k", "w"}};
  EXPECT_FALSE(all[0].is_about(object));
  object.tags = {{"k", "v"}};
  object.key = "b";
  EXPECT_FALSE(all[0].is_about(object));
}

TEST(Lifecycle, ADayEndsAtMidnight) {
  const common::SysTime noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};
  EXPECT_EQ(LifecycleClock{}.after(noon, 1),
            common::SysTime(std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}));
  EXPECT_EQ((LifecycleClock{10s}).after(noon, 2), noon + 20s) << "in tests";
}

TEST(Lifecycle, NamesRulesWithoutAName) {
  auto root = rules("<Rule><Status>Enabled</Status>" + kPrefix + kOneDay + "</Rule>" +
                    rule(kPrefix + kOneDay));
  name_lifecycle_rules(root, [] { return std::string("new"); });
  const auto all = lifecycle_rules(root);
  EXPECT_EQ(all[0].id, "new");
  EXPECT_EQ(all[1].id, "r");
}

}  // namespace
}  // namespace angophora::walrus
