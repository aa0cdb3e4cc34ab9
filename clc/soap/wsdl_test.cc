// The description that is served, and wsdl/ec2.wsdl for those who read it here.
#include "clc/soap/wsdl.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "clc/actions/action_table.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

TEST(Wsdl, OfTheRepositoryIsTheOneThatIsServed) {
  const auto expected = ec2_wsdl("2016-11-15", "http://localhost:8773/services/compute");
  std::ifstream file(ANGOPHORA_WSDL_DIR "/ec2.wsdl");
  std::stringstream text;
  text << file.rdbuf();
  const std::string fresh = ANGOPHORA_BUILD_DIR "/ec2.wsdl";
  std::ofstream(fresh) << expected;
  EXPECT_TRUE(text.str() == expected) << "wsdl/ec2.wsdl is old: copy " << fresh << " over it";
}

TEST(Wsdl, HasEveryActionOfEc2AndNoOther) {
  const auto root = xml::read(ec2_wsdl("2013-02-01", "http://x/")).value();
  std::vector<std::string> operations, actions;
  for (const auto* operation : root.child("portType")->children_named("operation"))
    operations.push_back(*operation->attribute("name"));
  for (const auto* action : all_actions())
    if (action->api == Api::ec2) actions.emplace_back(action->name);
  EXPECT_EQ(operations, actions);
  EXPECT_EQ(root.child("binding")->children_named("operation").size(), actions.size());
  EXPECT_EQ(root.children_named("message").size(), 2 * actions.size());
  EXPECT_EQ(root.find("types/schema")->children_named("element").size(), 2 * actions.size());
}

TEST(Wsdl, KeepsStrangeAddressesAndVersionsOut) {
  const auto root = xml::read(ec2_wsdl("\"><x/>", "http://x/\"<&>")).value();
  EXPECT_EQ(*root.attribute("targetNamespace"), "http://ec2.amazonaws.com/doc/2016-11-15/");
  EXPECT_EQ(*root.find("service/port/address")->attribute("location"), "http://x/\"<&>");
}

}  // namespace
}  // namespace angophora::clc
