// Messages as ec2-api-tools and other clients write them, and the parameters they become.
#include "clc/soap/soap_parameters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "clc/actions/action_table.h"
#include "clc/testing/user_signer.h"
#include "common/base/text.h"

namespace angophora::clc {
namespace {

using ::testing::HasSubstr;

Result<QueryPairs> query(const std::string& action, const std::string& members) {
  const auto message = xml::read(testing::ec2_element(action, members)).value();
  return query_of_message(*find_action(Api::ec2, action), message);
}
QueryPairs pairs(const std::string& action, const std::string& members) {
  auto got = query(action, members);
  EXPECT_TRUE(got) << got.error().message;
  return got ? std::move(got).value() : QueryPairs();
}
std::string refusal(const std::string& action, const std::string& members) {
  const auto got = query(action, members);
  return got ? "" : got.error().message;
}

TEST(SoapParameters, AreTextsByTheirOwnName) {
  EXPECT_EQ(pairs("CreateSecurityGroup",
                  "<groupName>web</groupName><groupDescription> a &lt;b </groupDescription>"),
            (QueryPairs{{"GroupName", "web"}, {"GroupDescription", " a <b "}}));
}

TEST(SoapParameters, AreListsByEc2sNames) {
  EXPECT_EQ(pairs("DescribeInstances",
                  "<instancesSet><item><instanceId>i-1</instanceId></item>"
                  "<item><instanceId>i-2</instanceId></item></instancesSet>"),
            (QueryPairs{{"InstanceId.1", "i-1"}, {"InstanceId.2", "i-2"}}));
  EXPECT_EQ(pairs("DescribeImages",
                  "<executableBySet><item><user>all</user></item></executableBySet>"
                  "<imagesSet><item><imageId>emi-1</imageId></item></imagesSet>"
                  "<ownersSet><item><owner>self</owner></item></ownersSet><filterSet/>"),
            (QueryPairs{{"ExecutableBy.1", "all"}, {"ImageId.1", "emi-1"}, {"Owner.1", "self"}}));
  EXPECT_EQ(pairs("GetConsoleOutput", "<instanceId>i-1</instanceId>"),
            (QueryPairs{{"InstanceId", "i-1"}}));
}

TEST(SoapParameters, AreFilters) {
  EXPECT_EQ(pairs("DescribeKeyPairs",
                  "<filterSet><item><name>key-name</name><valueSet><item><value>a</value></item>"
                  "<item><value>b</value></item></valueSet></item><item><name>fingerprint</name>"
                  "<valueSet><item><value/></item></valueSet></item></filterSet>"),
            (QueryPairs{{"Filter.1.Name", "key-name"},
                        {"Filter.1.Value.1", "a"},
                        {"Filter.1.Value.2", "b"},
                        {"Filter.2.Name", "fingerprint"},
                        {"Filter.2.Value.1", ""}}));
}

TEST(SoapParameters, AreStructuresWithinLists) {
  EXPECT_EQ(
      pairs("AuthorizeSecurityGroupIngress",
            "<userId/><groupName>web</groupName><ipPermissions><item><ipProtocol>tcp</ipProtocol>"
            "<fromPort>22</fromPort><toPort>\n23 </toPort><groups><item><userId>1</userId>"
            "<groupName>x</groupName></item></groups><ipRanges><item><cidrIp>10.0.0.0/8</cidrIp>"
            "</item></ipRanges></item></ipPermissions>"),
      (QueryPairs{{"GroupName", "web"},
                  {"IpPermissions.1.IpProtocol", "tcp"},
                  {"IpPermissions.1.FromPort", "22"},
                  {"IpPermissions.1.ToPort", "23"},
                  {"IpPermissions.1.Groups.1.UserId", "1"},
                  {"IpPermissions.1.Groups.1.GroupName", "x"},
                  {"IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"}}));
}

TEST(SoapParameters, OfRunInstancesAreAsTheCommandLineWritesThem) {
  EXPECT_EQ(
      pairs("RunInstances",
            "<imageId>emi-1</imageId><minCount>1</minCount><maxCount>2</maxCount>"
            "<groupSet><item><groupName>web</groupName></item><item><groupId>sg-1</groupId></item>"
            "<item><groupName>db</groupName></item></groupSet>"
            "<userData version=\"1.0\" encoding=\"base64\"><data>aGVsbG8=</data></userData>"
            "<placement><availabilityZone>a</availabilityZone></placement><blockDeviceMapping/>"
            "<monitoring><enabled>false</enabled></monitoring><clientToken>t</clientToken>"
            "<dryRun>true</dryRun>"),
      (QueryPairs{{"ImageId", "emi-1"},
                  {"MinCount", "1"},
                  {"MaxCount", "2"},
                  {"SecurityGroup.1", "web"},
                  {"SecurityGroupId.1", "sg-1"},
                  {"SecurityGroup.2", "db"},
                  {"UserData", "aGVsbG8="},
                  {"Placement.AvailabilityZone", "a"},
                  {"Monitoring.Enabled", "false"},
                  {"ClientToken", "t"},
                  {"DryRun", "true"}}));
  EXPECT_EQ(pairs("RunInstances", "<userData>aGVsbG8=</userData>"),
            (QueryPairs{{"UserData", "aGVsbG8="}}));
}

// As ec2-run-instances -g default writes it.
TEST(SoapParameters, TakeNamesOfGroupsInPlaceOfIds) {
  EXPECT_EQ(pairs("RunInstances",
                  "<groupSet><item><groupId>default</groupId></item>"
                  "<item><groupId>sg-1</groupId></item></groupSet>"),
            (QueryPairs{{"SecurityGroup.1", "default"}, {"SecurityGroupId.1", "sg-1"}}));
  // Where only ids can be, a name is told to be none.
  EXPECT_EQ(pairs("DescribeSecurityGroups",
                  "<securityGroupIdSet><item><groupId>x</groupId></item></securityGroupIdSet>"),
            (QueryPairs{{"GroupId.1", "x"}}));
}

TEST(SoapParameters, OfImageAttributesAreElementsOfTheirOwn) {
  EXPECT_EQ(pairs("DescribeImageAttribute", "<imageId>emi-1</imageId><launchPermission/>"),
            (QueryPairs{{"ImageId", "emi-1"}, {"Attribute", "launchPermission"}}));
  EXPECT_EQ(pairs("ModifyImageAttribute",
                  "<imageId>emi-1</imageId><launchPermission><add><item><group>all</group></item>"
                  "</add></launchPermission>"),
            (QueryPairs{{"ImageId", "emi-1"}, {"LaunchPermission.Add.1.Group", "all"}}));
  EXPECT_EQ(pairs("ModifyImageAttribute", "<description><value>x</value></description>"),
            (QueryPairs{{"Description.Value", "x"}}));
  EXPECT_THAT(refusal("DescribeImageAttribute", "<launchPermission>x</launchPermission>"),
              HasSubstr("launchPermission"));
}

TEST(SoapParameters, ThatTheCloudRefusesReachTheActionWhichSaysWhy) {
  EXPECT_EQ(
      pairs("RunInstances", "<privateIpAddress>10.0.0.1</privateIpAddress><networkInterfaceSet/>"),
      (QueryPairs{{"PrivateIpAddress", ""}}));
}

TEST(SoapParameters, ThatNobodyKnowsAreRefusedByTheirPath) {
  EXPECT_THAT(refusal("DescribeRegions", "<colour>red</colour>"), HasSubstr("element colour "));
  EXPECT_THAT(refusal("DescribeRegions", "<colour/>"), HasSubstr("element colour "));
  EXPECT_THAT(refusal("DescribeInstances", "<instanceId>i-1</instanceId>"),
              HasSubstr("element instanceId "));
  EXPECT_THAT(refusal("DescribeInstances",
                      "<instancesSet><item><imageId>i-1</imageId></item></instancesSet>"),
              HasSubstr("element instancesSet/item/imageId "));
  EXPECT_THAT(refusal("DescribeInstances", "<instancesSet><i><instanceId/></i></instancesSet>"),
              HasSubstr("element instancesSet/i "));
  EXPECT_THAT(refusal("RunInstances", "<placement><shelf>1</shelf></placement>"),
              HasSubstr("element placement/shelf "));
  EXPECT_THAT(refusal("RunInstances", "<keyName xmlns=\"urn:other\">k</keyName>"),
              HasSubstr("element keyName "));
  EXPECT_THAT(refusal("AuthorizeSecurityGroupIngress", "<userId>1</userId>"),
              HasSubstr("userId is not supported"));
}

TEST(SoapParameters, ThatHoldSomethingElseAreRefused) {
  EXPECT_THAT(refusal("RunInstances", "<keyName><a/></keyName>"), HasSubstr("keyName holds"));
  EXPECT_THAT(refusal("RunInstances", "<keyName a=\"b\">k</keyName>"), HasSubstr("attribute a"));
  EXPECT_THAT(refusal("RunInstances", "<placement>x</placement>"), HasSubstr("placement has text"));
  EXPECT_THAT(refusal("RunInstances", "x"), HasSubstr("RunInstances has text"));
  EXPECT_THAT(refusal("RunInstances", "<userData encoding=\"rot13\">k</userData>"),
              HasSubstr("attribute encoding"));
  EXPECT_THAT(refusal("RunInstances", "<userData><data>a</data><data>b</data></userData>"),
              HasSubstr("exactly one data"));
  EXPECT_THAT(refusal("DescribeInstances", "<instancesSet><item/></instancesSet>"),
              HasSubstr("instancesSet/item does not hold"));
  EXPECT_THAT(refusal("DescribeInstances", "<filterSet><item/></filterSet>"),
              HasSubstr("filterSet/item is empty"));
}

// A message with every element that there is, of every action: it must become parameters, of which
// the action knows each name.
std::string full(const std::vector<MessageElement>& elements);

std::string full(const MessageElement& e) {
  using Form = MessageElement::Form;
  const auto in = [](const std::string& name, const std::string& inside) {
    return "<" + name + ">" + inside + "</" + name + ">";
  };
  const std::string value = e.leaf == "groupId"            ? "sg-1"
                            : e.kind == ParamKind::boolean ? "true"
                            : e.kind == ParamKind::number  ? "1"
                                                           : "eHh4";
  switch (e.form) {
    case Form::value:
      return in(e.element, value);
    case Form::wrapped:
      return in(e.element, in(e.leaf, value));
    case Form::structure:
      return in(e.element, full(e.members));
    case Form::texts: {
      auto items = in("item", in(e.leaf, value));
      for (const auto& other : e.members) items += in("item", in(other.leaf, value));
      return in(e.element, items);
    }
    case Form::structures:
      return in(e.element, in("item", full(e.members)));
    case Form::refused:
    case Form::empty:
    case Form::attribute:
      return in(e.element, "");
  }
  return {};
}
std::string full(const std::vector<MessageElement>& elements) {
  std::string text;
  bool has_attribute = false;
  for (const auto& e : elements) {
    const bool is_attribute = e.form == MessageElement::Form::attribute;
    if (!is_attribute || !has_attribute) text += full(e);
    has_attribute = has_attribute || is_attribute;
  }
  return text;
}

// Every path of a shape that can be sent, without numbers.
void paths_of(const std::vector<ParamShape>& shapes, const std::string& prefix,
              std::set<std::string>& into) {
  for (const auto& shape : shapes) {
    if (shape.need == Need::refused) continue;
    if (shape.kind == ParamKind::structure)
      paths_of(shape.members, prefix + shape.name + ".", into);
    else
      into.insert(prefix + shape.name);
  }
}
std::string without_numbers(const std::string& path) {
  std::string plain;
  for (const auto part : common::split(path, '.'))
    if (part.find_first_not_of("0123456789") != part.npos)
      plain.append(plain.empty() ? "" : ".").append(part);
  return plain;
}

TEST(SoapParameters, ReachEveryParameterOfEveryAction) {
  int actions = 0;
  for (const auto* action : all_actions()) {
    if (action->api != Api::ec2) continue;
    ++actions;
    const auto shapes = action->run.parameters();
    std::set<std::string> wanted = {"DryRun"}, got;
    paths_of(shapes, "", wanted);
    for (const auto& [name, value] :
         pairs(action->name, full(message_elements(action->name, shapes))))
      got.insert(without_numbers(name));
    EXPECT_EQ(got, wanted) << action->name;
  }
  EXPECT_GE(actions, 25);
}

// No two elements of one message have the same name, or one of them could never be meant.
TEST(SoapParameters, HaveDifferentElements) {
  for (const auto* action : all_actions()) {
    if (action->api != Api::ec2) continue;
    std::set<std::string> names;
    for (const auto& e : message_elements(action->name, action->run.parameters()))
      EXPECT_TRUE(names.insert(e.element).second) << action->name << " " << e.element;
  }
}

}  // namespace
}  // namespace angophora::clc
