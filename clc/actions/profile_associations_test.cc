// Instances and their instance profiles. What guests get of it is shown in clc/operations; who may
// give one, in clc/http.
#include <gtest/gtest.h>

#include "clc/domain/address_errors.h"
#include "clc/domain/instance_errors.h"
#include "clc/testing/instance_fixture.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

class ProfileAssociationActions : public testing::InstanceFixture {
 protected:
  ProfileAssociationActions() {
    for (const auto* name : {"p", "q"})
      ok("CreateInstanceProfile", {{"InstanceProfileName", name}});
    image = register_image();
  }
  Reply ok(std::string_view action, Pairs pairs = {}) {
    auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
    return reply ? std::move(reply).value() : Reply();
  }
  std::error_code refused(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  std::string shown_profile(const std::string& instance) {
    return ok("DescribeInstances", {{"InstanceId.1", instance}})
        .find("reservationSet/item/instancesSet/item/iamInstanceProfile/arn")
        .value_or("");
  }
  std::string association_of(const std::string& instance) {
    return ok("DescribeIamInstanceProfileAssociations",
              {{"Filter.1.Name", "instance-id"}, {"Filter.1.Value.1", instance}})
        .find("iamInstanceProfileAssociationSet/item/associationId")
        .value_or("");
  }
  std::string arn(const std::string& name) const {
    return "arn:aws:iam::123456789012:instance-profile/" + name;
  }
  std::string image;
};

TEST_F(ProfileAssociationActions, AnInstanceIsRunWithAProfileByNameOrArn) {
  const auto one = run(image, {{"IamInstanceProfile.Name", "p"}});
  const auto two = run(image, {{"IamInstanceProfile.Arn", arn("q")}});
  EXPECT_EQ(shown_profile(one), arn("p"));
  EXPECT_EQ(shown_profile(two), arn("q"));
  EXPECT_EQ(get(one).profile.arn, arn("p"));
  EXPECT_NE(association_of(one), association_of(two));
  EXPECT_EQ(shown_profile(run(image)), "");
}

TEST_F(ProfileAssociationActions, AProfileThatIsNotThereRunsNothing) {
  const auto launch = [this](Pairs profile) {
    profile.insert(profile.end(), {{"ImageId", image}, {"MinCount", "1"}, {"MaxCount", "1"}});
    return refused("RunInstances", std::move(profile));
  };
  EXPECT_EQ(launch({{"IamInstanceProfile.Name", "r"}}), RequestErrc::invalid_value);
  EXPECT_EQ(launch({{"IamInstanceProfile.Arn", arn("r")}}), RequestErrc::invalid_value);
  EXPECT_EQ(launch({{"IamInstanceProfile.Arn", "arn:aws:iam::210987654321:instance-profile/p"}}),
            RequestErrc::invalid_value);
  EXPECT_EQ(launch({{"IamInstanceProfile.Arn", arn("p")}, {"IamInstanceProfile.Name", "p"}}),
            RequestErrc::invalid_combination);
  EXPECT_EQ(ok("DescribeInstances").all("reservationSet/item").size(), 0u);
}

TEST_F(ProfileAssociationActions, AProfileIsGivenReplacedAndTaken) {
  const auto instance = run(image);
  const auto given = ok("AssociateIamInstanceProfile",
                        {{"InstanceId", instance}, {"IamInstanceProfile.Name", "p"}});
  const std::string at = "iamInstanceProfileAssociation/";
  EXPECT_EQ(given.find(at + "state"), "associating");
  EXPECT_EQ(given.find(at + "iamInstanceProfile/arn"), arn("p"));
  const auto id = *given.find(at + "associationId");
  EXPECT_TRUE(id.starts_with("iip-assoc-"));
  EXPECT_EQ(shown_profile(instance), arn("p"));
  EXPECT_EQ(refused("AssociateIamInstanceProfile",
                    {{"InstanceId", instance}, {"IamInstanceProfile.Name", "q"}}),
            InstanceErrc::association_exists);
  EXPECT_EQ(association_of(instance), id) << "a refusal changes nothing";

  ok("ReplaceIamInstanceProfileAssociation",
     {{"AssociationId", id}, {"IamInstanceProfile.Arn", arn("q")}});
  const auto next = association_of(instance);
  EXPECT_NE(next, id);
  EXPECT_EQ(shown_profile(instance), arn("q"));
  EXPECT_EQ(refused("DisassociateIamInstanceProfile", {{"AssociationId", id}}),
            AddressErrc::association_not_found);
  const auto taken = ok("DisassociateIamInstanceProfile", {{"AssociationId", next}});
  EXPECT_EQ(taken.find(at + "state"), "disassociating");
  EXPECT_EQ(shown_profile(instance), "");
  EXPECT_EQ(association_of(instance), "");
}

TEST_F(ProfileAssociationActions, AnEndedInstanceHasNoneAndGetsNone) {
  const auto instance = run(image, {{"IamInstanceProfile.Name", "p"}});
  make_running(instance);
  ok("TerminateInstances", {{"InstanceId.1", instance}});
  EXPECT_EQ(refused("AssociateIamInstanceProfile",
                    {{"InstanceId", instance}, {"IamInstanceProfile.Name", "q"}}),
            InstanceErrc::incorrect_state);
  EXPECT_EQ(refused("AssociateIamInstanceProfile",
                    {{"InstanceId", "i-12345678"}, {"IamInstanceProfile.Name", "q"}}),
            InstanceErrc::not_found);
}

TEST_F(ProfileAssociationActions, TheListTakesIdsFiltersAndPages) {
  for (int i = 0; i < 7; ++i) run(image, {{"IamInstanceProfile.Name", "p"}});
  const std::string_view action = "DescribeIamInstanceProfileAssociations";
  const std::string item = "iamInstanceProfileAssociationSet/item";
  const auto first = ok(action, {{"MaxResults", "5"}});
  EXPECT_EQ(first.all(item).size(), 5u);
  const auto rest = ok(action, {{"NextToken", *first.find("nextToken")}});
  EXPECT_EQ(rest.all(item).size(), 2u);
  const auto id = *rest.find(item + "/associationId");
  EXPECT_EQ(ok(action, {{"AssociationId.1", id}}).all(item).size(), 1u);
  EXPECT_EQ(refused(action, {{"AssociationId.1", "iip-assoc-1"}}),
            AddressErrc::association_not_found);
  EXPECT_EQ(ok(action, {{"Filter.1.Name", "state"}, {"Filter.1.Value.1", "disassociating"}})
                .all(item)
                .size(),
            0u);
  EXPECT_EQ(call_as(stranger, action).value().all(item).size(), 0u);
}

}  // namespace
}  // namespace angophora::clc
