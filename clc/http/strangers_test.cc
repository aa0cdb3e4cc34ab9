// Accounts are strictly apart: every action of EC2 and IAM is walked as a stranger, with all that
// its parameters can name put to what another account has. Then the owner asks the same, which
// shows that it was there. A new parameter that names something must be told about in `named` or,
// when it names nothing of an account, in kNamesNothing.
#include <gtest/gtest.h>

#include <set>

#include "clc/domain/new_identity.h"
#include "clc/http/wire_errors.h"
#include "clc/store/accounts.h"
#include "clc/store/identities.h"
#include "clc/store/instances.h"
#include "clc/store/snapshots.h"
#include "clc/testing/instance_fixture.h"
#include "clc/testing/user_signer.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using testing::Pairs;
constexpr char kPublicKey[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPZMDJjOtTLLRNXqVeoEqvlZ3bGQ7s6b3oYtfNyqfhB a@b";

constexpr char kPolicy[] = R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})";
constexpr char kTrust[] =
    R"({"Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}})";

// What one account has.
struct Things {
  std::map<std::string, std::string> ids;  // by what they are
  std::set<std::string> secrets;           // what nobody else may ever read
};

void collect(const Element& element, std::string_view name, std::set<std::string>& into) {
  for (const auto& child : element.children()) {
    if (child.name() == name && !child.text().empty()) into.insert(child.text());
    collect(child, name, into);
  }
}

class World : public testing::InstanceFixture {
 public:
  World() {
    add_stranger();
    properties.set(kPublicAddresses, "198.51.100.0/28");
    properties.set("cloud.access_keys_max", "10");
    properties.set("cloud.signing_certificates_max", "10");
    shared = make_image("shared");
    shared_kernel = make_image("shared-kernel", "kernel");
    for (const auto& image : {shared, shared_kernel})
      EXPECT_TRUE(call("ModifyImageAttribute",
                       {{"ImageId", image}, {"LaunchPermission.Add.1.Group", "all"}}));
    owners = make_things("owner");
    std::swap(caller, stranger);
    strangers = make_things("other");
    std::swap(caller, stranger);
  }
  void TestBody() override {}

  Things owners, strangers;
  std::string shared;  // the owner's image that everybody may run
  std::string shared_kernel;

 private:
  void add_stranger() {
    const Account account{stranger.account, "eve", std::string(64, 'e'), {}};
    User root{stranger.user, stranger.account, stranger.user_name, "/", {}, true};
    write([&, this](Tx& tx) -> Result<> {
      TRY_VOID(Accounts(tx).insert(account));
      TRY_VOID(Identities(tx).insert(root));
      TRY(const auto known, Identities(tx).active_certificates(caller.account));
      return Identities(tx).insert(
          UserCertificate{"cert-2", stranger.user, known.front().pem, true, {}});
    }).value();
  }
  std::string make_image(const std::string& name, const std::string& kind = "machine") {
    testing::SampleBundle bundle;
    bundle.kind = kind;
    if (kind == "kernel") bundle.kernel_id = "true";
    bundle.user = caller.account.value;
    return register_image(bundle, name);
  }
  std::string text(std::string_view action, std::string_view path, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
    return reply ? reply.value().find(path).value_or("") : "";
  }
  // On the user and on a group that it is in.
  void make_policies(const std::string& name, Things& t) {
    t.ids["user group"] = name + "-staff";
    t.secrets.insert(text("CreateGroup", "Group/GroupId", {{"GroupName", t.ids["user group"]}}));
    const std::pair<std::string, std::string> document("PolicyDocument", kPolicy);
    t.ids["policy"] =
        text("CreatePolicy", "Policy/Arn", {{"PolicyName", name + "-policy"}, document});
    t.secrets.insert(text("GetPolicy", "Policy/PolicyId", {{"PolicyArn", t.ids["policy"]}}));
    const std::pair<std::string, std::string> user("UserName", t.ids["user"]);
    const std::pair<std::string, std::string> group("GroupName", t.ids["user group"]);
    EXPECT_TRUE(call("AddUserToGroup", {user, group}));
    for (const auto& [kind, owner] : {std::pair("User", user), std::pair("Group", group)}) {
      EXPECT_TRUE(
          call(std::string("Put") + kind + "Policy", {owner, {"PolicyName", "new"}, document}));
      EXPECT_TRUE(
          call(std::string("Attach") + kind + "Policy", {owner, {"PolicyArn", t.ids["policy"]}}));
    }
  }
  void make_roles(const std::string& name, Things& t) {
    t.ids["role"] = name + "-role";
    t.ids["instance profile"] = name + "-profile";
    const std::pair<std::string, std::string> role("RoleName", t.ids["role"]);
    const std::pair<std::string, std::string> profile("InstanceProfileName",
                                                      t.ids["instance profile"]);
    t.secrets.insert(
        text("CreateRole", "Role/RoleId", {role, {"AssumeRolePolicyDocument", kTrust}}));
    t.secrets.insert(text("CreateInstanceProfile", "InstanceProfile/InstanceProfileId", {profile}));
    EXPECT_TRUE(call("AddRoleToInstanceProfile", {profile, role}));
    t.ids["instance profile arn"] = text("GetInstanceProfile", "InstanceProfile/Arn", {profile});
    EXPECT_TRUE(call("PutRolePolicy", {role, {"PolicyName", "new"}, {"PolicyDocument", kPolicy}}));
    EXPECT_TRUE(call("AttachRolePolicy", {role, {"PolicyArn", t.ids["policy"]}}));
  }
  void make_identities(const std::string& name, Things& t) {
    t.ids["user"] = name + "-user";
    t.secrets.insert(text("CreateUser", "User/UserId", {{"UserName", t.ids["user"]}}));
    const std::pair<std::string, std::string> user("UserName", t.ids["user"]);
    t.ids["user arn"] = "arn:aws:iam::" + caller.account.value + ":user/" + t.ids["user"];
    EXPECT_TRUE(call("CreateLoginProfile", {user, {"Password", "Cheese-4-breakfast"}}));
    t.ids["access key"] = text("CreateAccessKey", "AccessKey/AccessKeyId", {user});
    const auto body = testing::user_key(name, 1024).certificate.pem();
    t.ids["certificate"] = text("UploadSigningCertificate", "Certificate/CertificateId",
                                {user, {"CertificateBody", body}});
    t.ids["alias"] = name + "-alias";
    EXPECT_TRUE(call("CreateAccountAlias", {{"AccountAlias", t.ids["alias"]}}));
    t.ids["account"] = caller.account.value;
    make_policies(name, t);
    make_roles(name, t);
  }
  void make_volumes(Things& t) {
    t.ids["volume"] = create_volume();
    t.ids["attached volume"] = create_volume();
    EXPECT_TRUE(call("AttachVolume", {{"VolumeId", t.ids["attached volume"]},
                                      {"InstanceId", t.ids["instance"]},
                                      {"Device", "/dev/sdz"}}));
    move_attachment(t.ids["attached volume"], {AttachmentEvent::plugged});
    t.ids["snapshot"] = text("CreateSnapshot", "snapshotId", {{"VolumeId", t.ids["volume"]}});
    EXPECT_TRUE(write([&](Tx& tx) {
                  return Snapshots(tx).advance(SnapshotId(t.ids["snapshot"]),
                                               SnapshotEvent::completed, "", {});
                }).value());
  }
  // One that is free and one that the instance has.
  void make_addresses(Things& t) {
    t.ids["address"] = text("AllocateAddress", "allocationId", {});
    const auto given = text("AllocateAddress", "allocationId", {});
    t.ids["association"] = text("AssociateAddress", "associationId",
                                {{"AllocationId", given}, {"InstanceId", t.ids["instance"]}});
    t.secrets.insert({t.ids["address"], given, t.ids["association"]});
    collect(call("DescribeAddresses").value(), "publicIp", t.secrets);
    collect(call("DescribeAddresses").value(), "networkInterfaceId", t.secrets);
  }
  Things make_things(const std::string& name) {
    Things t;
    make_identities(name, t);
    t.ids["key name"] = name + "-key";
    t.ids["key pair"] = text(
        "ImportKeyPair", "keyPairId",
        {{"KeyName", t.ids["key name"]}, {"PublicKeyMaterial", common::base64_encode(kPublicKey)}});
    t.ids["group name"] = name + "-group";
    t.ids["group"] = text("CreateSecurityGroup", "groupId",
                          {{"GroupName", t.ids["group name"]}, {"GroupDescription", "a group"}});
    for (const std::string direction : {"Ingress", "Egress"})
      t.ids[direction == "Egress" ? "egress rule" : "rule"] = text(
          "AuthorizeSecurityGroup" + direction, "securityGroupRuleSet/item/securityGroupRuleId",
          {{"GroupId", t.ids["group"]},
           {"IpPermissions.1.IpProtocol", "tcp"},
           {"IpPermissions.1.FromPort", "1"},
           {"IpPermissions.1.ToPort", "1"},
           {"IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/8"}});
    t.ids["image"] = make_image(name + "-image");
    t.ids["instance"] = run(t.ids["image"], {{"SecurityGroupId.1", t.ids["group"]}});
    make_running(t.ids["instance"]);
    const auto with_role = run(t.ids["image"], {{"IamInstanceProfile.Name", name + "-profile"}});
    t.ids["profile association"] = get(with_role).profile.association;
    make_volumes(t);
    make_addresses(t);
    EXPECT_TRUE(call("CreateTags", {{"ResourceId.1", t.ids["instance"]},
                                    {"Tag.1.Key", name + "-tag"},
                                    {"Tag.1.Value", name + "-secret"}}));
    t.secrets.insert({name + "-tag", name + "-secret"});
    const auto seen = call("DescribeInstances").value();
    for (const auto* secret : {"reservationId", "instanceId", "privateIpAddress", "macAddress",
                               "subnetId", "vpcId", "volumeId", "groupId"})
      collect(seen, secret, t.secrets);
    t.ids["vpc"] = *seen.find("reservationSet/item/instancesSet/item/vpcId");
    t.ids["subnet"] = *seen.find("reservationSet/item/instancesSet/item/subnetId");
    for (const auto* secret :
         {"image", "key pair", "rule", "egress rule", "volume", "attached volume", "snapshot",
          "access key", "certificate", "instance profile arn", "profile association"})
      t.secrets.insert(t.ids[secret]);
    for (const auto& secret : t.secrets) EXPECT_NE(secret, "");
    return t;
  }
};

// What a parameter of that name names; nothing for one that does not name.
std::optional<std::string> named(const Action& about, const std::string& parameter) {
  const std::string_view action = about.name;
  if (about.api == Api::iam && parameter == "GroupName") return "user group";
  const bool is_profile = action.find("IamInstanceProfile") != action.npos;
  if ((is_profile || action == "RunInstances") && parameter == "Name") return "instance profile";
  if (is_profile && parameter == "AssociationId") return "profile association";
  static const std::map<std::string, std::string> kNames = {
      {"InstanceId", "instance"},
      {"ImageId", "image"},
      {"KernelId", "image"},
      {"RamdiskId", "image"},
      {"KeyName", "key name"},
      {"KeyPairId", "key pair"},
      {"GroupId", "group"},
      {"SecurityGroupId", "group"},
      {"GroupName", "group name"},
      {"SecurityGroup", "group name"},
      {"SourceSecurityGroupName", "group name"},
      {"ResourceId", "instance"},
      {"SnapshotId", "snapshot"},
      {"RestorableBy", "account"},
      {"VpcId", "vpc"},
      {"SubnetId", "subnet"},
      {"UserName", "user"},
      {"RoleName", "role"},
      {"InstanceProfileName", "instance profile"},
      {"AccessKeyId", "access key"},
      {"CertificateId", "certificate"},
      {"AccountAlias", "alias"},
      {"DelegateAccount", "account"},
      {"AccountName", "account"},
      {"AllocationId", "address"},
      {"Arn", "instance profile arn"},
      {"PolicySourceArn", "user arn"},
      {"AssociationId", "association"},
      {"PolicyArn", "policy"},
      {"Owner", "account"},
      {"ExecutableBy", "account"},
  };
  if (parameter == "SecurityGroupRuleId")
    return action == "RevokeSecurityGroupEgress" ? "egress rule" : "rule";
  if (parameter == "VolumeId")
    return action == "DetachVolume" || action == "ModifyInstanceAttribute" ? "attached volume"
                                                                           : "volume";
  const auto found = kNames.find(parameter);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

// A network interface's id is made from its instance's. Zones, devices and types are everybody's;
// the rest is the caller's own word for something new, a number that may be anybody's, or a
// manifest, which Walrus lets the caller read or not.
const std::set<std::string> kNamesNothing = {
    "RegionName",    "DeviceName",  "NetworkInterfaceId",
    "AttributeName", "ZoneName",    "ZoneId",
    "Name",          "NewUserName", "NewGroupName",
    "PolicyName",    "VersionId",   "SourceSecurityGroupOwnerId",
    "UserId",        "Device",      "RootDeviceName",
    "ContextKeyName"};

struct Leaf {
  std::string path;  // as sent
  ParamShape shape;
};

void add_leaves(const ParamShape& shape, const std::string& prefix, bool required_only, Api api,
                std::vector<Leaf>& into) {
  if (shape.need == Need::refused || (required_only && shape.need != Need::required)) return;
  auto path = prefix + shape.name;
  if (shape.is_list) path += api == Api::iam ? ".member.1" : ".1";
  if (shape.kind != ParamKind::structure) {
    into.push_back({path, shape});
    return;
  }
  for (const auto& member : shape.members) add_leaves(member, path + ".", required_only, api, into);
}

std::vector<Leaf> leaves_of(const Action& action, bool required_only) {
  std::vector<Leaf> leaves;
  for (const auto& shape : action.run.parameters())
    if (shape.name != "Filter") add_leaves(shape, "", required_only, action.api, leaves);
  return leaves;
}

std::string some_value(const Leaf& leaf) {
  static const std::map<std::string, std::string> kValues = {
      {"AvailabilityZone", "zone-a"},
      {"CertificateBody", testing::user_key("new", 1024).certificate.pem()},
      {"PolicyDocument", kPolicy},
      {"AssumeRolePolicyDocument", kTrust},
      {"MaxSessionDuration", "3600"},
      {"VersionId", "v1"},
      {"PublicKeyMaterial", common::base64_encode(kPublicKey)},
      {"Device", "/dev/sdx"},
      {"IpProtocol", "tcp"},
      {"ImageLocation", "images/shared.manifest.xml"},
  };
  if (!leaf.shape.values.empty()) return leaf.shape.values.front();
  const auto found = kValues.find(leaf.shape.name);
  if (found != kValues.end()) return found->second;
  if (leaf.shape.kind == ParamKind::number) return "1";
  if (leaf.shape.kind == ParamKind::boolean) return "false";
  if (leaf.shape.kind == ParamKind::base64) return "eA==";
  return "new";
}

// A rule that the account's group has, when it is to be revoked, or could have; a source group,
// when that is what is asked about, takes the place of the address.
void add_rule(std::string_view action, const Things& own, const std::string& asked,
              std::map<std::string, std::string>& pairs) {
  if (asked != "GroupName") pairs["GroupId"] = own.ids.at("group");
  if (asked.starts_with("SecurityGroupRuleId")) return;
  const bool egress = action.ends_with("Egress");
  const bool revoked = action.starts_with("Revoke");
  const bool older = asked == "SourceSecurityGroupName";
  const std::string at = older ? "" : "IpPermissions.1.";
  pairs[at + "IpProtocol"] = egress && revoked ? "-1" : "tcp";
  pairs[at + "FromPort"] = pairs[at + "ToPort"] = revoked ? "1" : "2";
  if (asked.ends_with("VpcId")) pairs["IpPermissions.1.Groups.1.GroupId"] = own.ids.at("group");
  if (asked.starts_with("IpPermissions") || older) return;
  pairs[at + "IpRanges.1.CidrIp"] = egress && revoked ? "0.0.0.0/0" : "10.0.0.0/8";
}

// What an action needs beside the parameter in question, with what the account has itself.
Pairs request_of(const Action& action, const World& world, const Things& own,
                 const std::string& asked) {
  const std::string_view name = action.name;
  std::map<std::string, std::string> pairs;
  for (const auto& leaf : leaves_of(action, true)) {
    const auto what = named(action, leaf.shape.name);
    pairs[leaf.path] = what ? own.ids.at(*what) : some_value(leaf);
    if (name == "RunInstances" && what == "image") pairs[leaf.path] = world.shared;
  }
  if (name == "ModifyImageAttribute") pairs["Description.Value"] = "new";
  if (name == "ModifyInstanceAttribute" && asked == "InstanceId")
    pairs["DisableApiTermination.Value"] = "false";
  if (asked.starts_with("BlockDeviceMapping.1.Ebs"))
    pairs["BlockDeviceMapping.1.Ebs.DeleteOnTermination"] = "true";
  if (name == "UpdateAssumeRolePolicy") pairs["PolicyDocument"] = kTrust;
  if (name == "AssociateAddress") {
    pairs["AllocationId"] = own.ids.at("address");
    pairs["InstanceId"] = own.ids.at("instance");
  }
  if (name == "DisassociateAddress") pairs["AssociationId"] = own.ids.at("association");
  if (name == "AssociateIamInstanceProfile" || name == "ReplaceIamInstanceProfileAssociation")
    if (asked != "IamInstanceProfile.Arn")
      pairs["IamInstanceProfile.Name"] = own.ids.at("instance profile");
  if (name == "ReleaseAddress") pairs["AllocationId"] = own.ids.at("address");
  if (asked.starts_with("NetworkInterface.1.")) pairs["NetworkInterface.1.DeviceIndex"] = "0";
  if (name == "ModifySnapshotAttribute") pairs["CreateVolumePermission.Add.1.Group"] = "all";
  if (name == "ModifyVolumeAttribute") pairs["AutoEnableIO.Value"] = "true";
  if (asked == "RamdiskId") pairs["KernelId"] = world.shared_kernel;
  if (pairs.contains("AccessKeyId") || pairs.contains("CertificateId"))
    pairs["UserName"] = own.ids.at("user");
  if (name.starts_with("Authorize") || name.starts_with("Revoke"))
    add_rule(name, own, asked, pairs);
  return {pairs.begin(), pairs.end()};
}

void put(Pairs& pairs, const std::string& name, const std::string& value) {
  std::erase_if(pairs, [&](const auto& pair) { return pair.first == name; });
  pairs.emplace_back(name, value);
}

bool is_told_not_to_be_there(const Action& action, const Error& error) {
  const auto code = wire_fault(action.api, error).code;
  return code.ends_with("NotFound") || code == "NoSuchEntity" || code == "InvalidID";
}

void write_out(const Element& element, std::string& into) {
  into += element.text() + "\n";
  for (const auto& child : element.children()) write_out(child, into);
}

// What a stranger reads in an answer that he was not the first to write.
std::vector<std::string> leaks(const Result<Reply>& outcome, const Pairs& sent,
                               const std::set<std::string>& secrets) {
  std::string text;
  if (outcome)
    write_out(outcome.value(), text);
  else
    text = outcome.error().message;
  std::vector<std::string> found;
  for (const auto& secret : secrets) {
    const bool was_sent = std::any_of(sent.begin(), sent.end(),
                                      [&](const auto& pair) { return pair.second == secret; });
    if (!was_sent && text.find(secret) != std::string::npos) found.push_back(secret);
  }
  return found;
}

bool is_walked(const Action& action) {
  // Those of the administrators are refused before they begin, see FrontDoorTest.
  return (action.api == Api::ec2 || action.api == Api::iam) && !action.administrators_only;
}

bool only_reads(std::string_view action) {
  return action.starts_with("Describe") || action.starts_with("List") || action.starts_with("Get");
}

// Whether the action makes something of that name in the caller's own account.
bool makes_its_own(std::string_view action, std::string_view parameter) {
  return (action == "CreateKeyPair" && parameter == "KeyName") ||
         (action == "ImportKeyPair" && parameter == "KeyName") ||
         (action == "CreateSecurityGroup" && parameter == "GroupName") ||
         (action == "CreateUser" && parameter == "UserName") ||
         (action == "CreateGroup" && parameter == "GroupName") ||
         (action == "CreateRole" && parameter == "RoleName") ||
         (action == "CreateInstanceProfile" && parameter == "InstanceProfileName") ||
         (action == "DeleteKeyPair");  // says yes to a name that is not there, as on AWS
}

// The answer to one who may not know; for what is named in a space that all share, that it is
// taken; AWS' word for an instance profile that is not there.
bool is_right_refusal(const Action& action, const Leaf& leaf, const Error& error) {
  if (leaf.shape.name == "DelegateAccount")
    return error.code == make_error_code(RequestErrc::not_permitted);
  if (leaf.shape.name == "AccountAlias" && action.name == std::string_view("CreateAccountAlias"))
    return error.code == make_error_code(IdentityErrc::exists);
  if (leaf.path.starts_with("IamInstanceProfile"))
    return error.code == make_error_code(RequestErrc::invalid_value);
  return is_told_not_to_be_there(action, error);
}

TEST(Strangers, NoParameterThatNamesSomethingIsForgotten) {
  for (const auto* action : all_actions()) {
    if (!is_walked(*action)) continue;
    for (const auto& leaf : leaves_of(*action, false)) {
      const auto& name = leaf.shape.name;
      const bool may_name = name.ends_with("Id") || name.ends_with("Name") ||
                            name.ends_with("Arn") || name.ends_with("Alias");
      EXPECT_TRUE(!may_name || named(*action, name) || kNamesNothing.contains(name))
          << action->name << " takes " << leaf.path << ": say in this file what it names";
    }
  }
}

TEST(Strangers, SeeNothingWhenTheyAskForEverything) {
  World world;
  for (const auto* action : all_actions()) {
    if (!is_walked(*action) || !only_reads(action->name)) continue;
    const auto pairs = request_of(*action, world, world.strangers, "");
    const auto seen = world.call_as(world.stranger, action->name, pairs);
    EXPECT_EQ(leaks(seen, pairs, world.owners.secrets), std::vector<std::string>()) << action->name;
  }
  const auto images = world.call_as(world.stranger, "DescribeImages").value();
  std::set<std::string> ids;
  collect(images, "imageId", ids);
  EXPECT_EQ(ids, (std::set<std::string>{world.shared, world.shared_kernel,
                                        world.strangers.ids["image"]}));
}

// One action, one parameter, a world of its own.
void walk(const Action& action, const Leaf& leaf, const std::string& what) {
  SCOPED_TRACE(std::string(action.name) + " " + leaf.path);
  World world;
  const auto wanted = world.owners.ids.at(what);
  auto strange = request_of(action, world, world.strangers, leaf.path);
  put(strange, leaf.path, wanted);
  const auto refused = world.call_as(world.stranger, action.name, strange);
  EXPECT_EQ(leaks(refused, strange, world.owners.secrets), std::vector<std::string>());
  if (refused)
    EXPECT_TRUE(only_reads(action.name) || makes_its_own(action.name, leaf.shape.name));
  else
    EXPECT_TRUE(is_right_refusal(action, leaf, refused.error())) << refused.error().message;

  if (leaf.shape.name == "DelegateAccount") return;
  auto rightful = request_of(action, world, world.owners, leaf.path);
  put(rightful, leaf.path, wanted);
  const auto allowed = world.call(action.name, rightful);
  if (allowed) return;
  const auto code = wire_fault(action.api, allowed.error()).code;
  EXPECT_NE(code, "MissingParameter") << allowed.error().message;
  const auto told = refused ? "" : wire_fault(action.api, refused.error()).code;
  EXPECT_NE(code, told) << allowed.error().message;
}

class Walk : public ::testing::TestWithParam<const Action*> {};

TEST_P(Walk, FindsNothingOfAnotherAccount) {
  for (const auto& leaf : leaves_of(*GetParam(), false))
    if (const auto what = named(*GetParam(), leaf.shape.name)) walk(*GetParam(), leaf, *what);
}

std::vector<const Action*> walked_actions() {
  std::vector<const Action*> found;
  for (const auto* action : all_actions())
    if (is_walked(*action)) found.push_back(action);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Strangers, Walk, ::testing::ValuesIn(walked_actions()),
                         [](const auto& walked) { return std::string(walked.param->name); });

}  // namespace
}  // namespace angophora::clc
