// What users who are not the root may do, by their policies, at the front door.
#include <gtest/gtest.h>

#include "clc/domain/authorization_message.h"
#include "clc/http/front_door.h"
#include "clc/store/identities.h"
#include "clc/store/inline_policies.h"
#include "clc/store/login_profiles.h"
#include "clc/store/managed_policies.h"
#include "clc/store/user_groups.h"
#include "clc/testing/action_fixture.h"
#include "clc/testing/text_body.h"
#include "common/crypto/digest.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

const AccountId kAccount("123456789012");
const UserId kBea("AIDAY");

class Authorization : public testing::ActionFixture {
 public:
  Authorization() : door_(*services, metrics_) {
    write([](Tx& tx) -> Result<> {
      Identities identities(tx);
      TRY_VOID(identities.insert(Account{kAccount, "users", std::string(64, 'a'), {}}));
      TRY_VOID(identities.insert(User{UserId("AIDAX"), kAccount, "ana", "/", {}, true}));
      TRY_VOID(identities.insert(User{kBea, kAccount, "bea", "/lab/", {}}));
      TRY_VOID(identities.insert(AccessKey{"AKIABEA", kBea, "secret", true, {}}));
      return identities.insert(AccessKey{"AKIAROOT", UserId("AIDAX"), "secret", true, {}});
    }).value();
  }

  // "" or the code of the refusal.
  std::string ask(std::string form, const std::string& key = "AKIABEA") {
    if (form.find("Version=") == std::string::npos) form += "&Version=2016-11-15";
    sigv::SignedRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"Host", "cloud.example:8773"},
                       {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.form = form;
    request.body_sha256 = crypto::sha256_hex(form);
    sigv::Scope scope;
    scope.region = "angophora";
    scope.service = "ec2";
    sigv::sign_v4(request, {key, "secret", ""}, scope, runtime.now());
    testing::TextBody body(std::move(form));
    http::Request out;
    out.method = request.method;
    out.target = request.target;
    out.peer.address = "192.0.2.7";
    for (auto& [name, value] : request.headers) out.headers.add(name, value);
    out.body = &body;
    const auto response = world.run<http::Response>(runtime, door_.handle(out));
    answer_ = xml::read(std::get<std::string>(response.body)).value();
    for (const auto* path : {"Errors/Error", "Error"})
      if (const auto* error = answer_.find(path)) {
        sentence_ = error->text_of("Message");
        return error->text_of("Code");
      }
    return "";
  }
  void put(const std::string& name, const std::string& statements, PolicyEntity on = entity(kBea)) {
    const InlinePolicy policy{name, R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"};
    write([=](Tx& tx) { return InlinePolicies(tx).put(on, policy); }).value();
  }
  static std::string allow(const std::string& action, const std::string& resource = "*",
                           const std::string& more = "") {
    return R"({"Effect":"Allow","Action":")" + action + R"(","Resource":")" + resource + "\"" +
           more + "}";
  }

  admin::Metrics metrics_;
  FrontDoor door_;
  std::string sentence_;
  xml::Element answer_;
};

constexpr char kNo[] = "UnauthorizedOperation";

TEST_F(Authorization, APasswordPolicyLetsUsersChangeTheirOwnAndNothingElse) {
  const std::string change =
      "Action=ChangePassword&Version=2010-05-08&OldPassword=a&NewPassword=Cheese-4-breakfast";
  EXPECT_EQ(ask(change), "AccessDenied");
  PasswordPolicy policy;
  policy.users_may_change = true;
  write([&](Tx& tx) { return PasswordPolicies(tx).put(kAccount, policy); }).value();
  EXPECT_EQ(ask(change), "NoSuchEntity") << "there is no password yet";
  EXPECT_EQ(ask("Action=DeleteLoginProfile&Version=2010-05-08&UserName=bea"), "AccessDenied");
  EXPECT_EQ(ask("Action=CreateLoginProfile&Version=2010-05-08&UserName=bea&Password=Abcdefg1"),
            "AccessDenied");
  put("p", R"({"Effect":"Deny","Action":"iam:ChangePassword","Resource":"*"})");
  EXPECT_EQ(ask(change), "AccessDenied") << "a Deny is stronger";
}

class EncodedRefusals : public Authorization {
 protected:
  // What the last refusal carries.
  std::string message() const {
    const std::string mark = "Encoded authorization failure message: ";
    const auto at = sentence_.find(mark);
    return at == std::string::npos ? "" : sentence_.substr(at + mark.size());
  }
  std::string decode(const std::string& text, const std::string& key = "AKIAROOT") {
    const std::string action = "DecodeAuthorizationMessage";
    const auto code = ask("Action=" + action + "&Version=2011-06-15&EncodedMessage=" + text, key);
    if (!code.empty()) return code;
    return answer_.find("DecodeAuthorizationMessageResult/DecodedMessage")->text;
  }
};

TEST_F(EncodedRefusals, TellThoseWhoMayDecodeThemWhatWasAskedAndWhatDecided) {
  ASSERT_EQ(ask("Action=DescribeKeyPairs"), kNo);
  const auto text = decode(message());
  for (const auto* part :
       {R"("allowed":false)", R"("explicitDeny":false)", R"("action":"ec2:DescribeKeyPairs")",
        R"("resource":"*")", R"("arn":"arn:aws:iam::123456789012:user/lab/bea")",
        R"({"key":"aws:sourceip","values":{"items":[{"value":"192.0.2.7"}]}})"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " in " << text;
  put("p", R"({"Sid":"NoKeys","Effect":"Deny","Action":"ec2:*","Resource":"*"})");
  ASSERT_EQ(ask("Action=DescribeKeyPairs"), kNo);
  const auto denied = decode(message());
  for (const auto* part : {R"("explicitDeny":true)", R"("statementId":"NoKeys")",
                           R"("effect":"DENY")", R"("policyName":"bea/p")"})
    EXPECT_NE(denied.find(part), std::string::npos) << part << " in " << denied;
}

TEST_F(EncodedRefusals, TellNobodyElseAnything) {
  ASSERT_EQ(ask("Action=DescribeKeyPairs"), kNo);
  const auto text = message();
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(decode(text, "AKIABEA"), "AccessDenied");
  EXPECT_EQ(message(), "") << "in EC2 alone";
  put("p", allow("sts:DecodeAuthorizationMessage"));
  EXPECT_NE(decode(text, "AKIABEA").find("ec2:DescribeKeyPairs"), std::string::npos);
  constexpr char kBad[] = "InvalidAuthorizationMessageException";
  auto changed = text;
  changed[20] = changed[20] == 'A' ? 'B' : 'A';
  for (const auto& bad : {changed, text.substr(1), std::string("rubbish"), std::string("A")})
    EXPECT_EQ(decode(bad), kBad) << bad;
  const auto of_others =
      seal_message(services->keys.secret, AccountId("210987654321"), "{}", std::string(12, 'n'));
  EXPECT_EQ(decode(of_others.value()), kBad);
}

TEST_F(Authorization, WithoutAPolicyNothingIsAllowedAndTheSentenceSaysWhat) {
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), kNo);
  EXPECT_NE(sentence_.find("arn:aws:iam::123456789012:user/lab/bea is not authorized to perform: "
                           "ec2:DescribeKeyPairs on resource: * because no identity-based policy"),
            std::string::npos)
      << sentence_;
  EXPECT_EQ(ask("Action=ListUsers&Version=2010-05-08"), "AccessDenied");
  EXPECT_EQ(ask("Action=DescribeKeyPairs", "AKIAROOT"), "") << "the root needs none";
}

TEST_F(Authorization, APolicyCountsFromTheNextRequestOnAndEndsSo) {
  put("p", allow("ec2:Describe*"));
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), "");
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k"), kNo);
  write([](Tx& tx) { return InlinePolicies(tx).remove(entity(kBea), "p"); }).value();
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), kNo);
}

TEST_F(Authorization, ADenyOutweighsWhatAllows) {
  put("p", allow("ec2:*"));
  put("q", R"({"Effect":"Deny","Action":"ec2:CreateKeyPair","Resource":"*"})");
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), "");
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k"), kNo);
  EXPECT_NE(sentence_.find("explicit deny"), std::string::npos) << sentence_;
  EXPECT_EQ(sentence_.find("/q"), std::string::npos) << "policies are not named: " << sentence_;
}

TEST_F(Authorization, GroupsAndManagedPoliciesCount) {
  const UserGroup group{UserGroupId("AGPA1"), kAccount, "staff", "/", {}};
  write([&](Tx& tx) -> Result<> {
    TRY_VOID(UserGroups(tx).insert(group));
    TRY(const auto policy,
        ManagedPolicies(tx).find(kAccount, "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"));
    return ManagedPolicies(tx).attach(policy, kAccount, entity(group.id));
  }).value();
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), kNo);
  write([&](Tx& tx) { return UserGroups(tx).add_member(group.id, kBea); }).value();
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), "");
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k"), kNo);
  write([&](Tx& tx) { return UserGroups(tx).remove_member(group.id, kBea); }).value();
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), kNo);
}

TEST_F(Authorization, ObjectsAreNamedByTheirArns) {
  put("p", allow("ec2:*KeyPair", "arn:aws:ec2:*:123456789012:key-pair/bea-*"));
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=bea-1"), "");
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=ana-1"), kNo);
  EXPECT_EQ(ask("Action=DeleteKeyPair&KeyName=bea-1"), "");
  EXPECT_EQ(ask("Action=DeleteKeyPair&KeyName=ana-1"), kNo);
}

TEST_F(Authorization, EachOfSeveralObjectsMustBeAllowed) {
  put("p", allow("ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/i-11111111111111111"));
  const std::string one = "Action=TerminateInstances&InstanceId.1=i-11111111111111111";
  EXPECT_EQ(ask(one), "InvalidInstanceID.NotFound") << "allowed, and not there";
  EXPECT_EQ(ask(one + "&InstanceId.2=i-22222222222222222"), kNo);
}

TEST_F(Authorization, TagsAndTheRequestDecide) {
  ASSERT_EQ(ask("Action=CreateSecurityGroup&GroupName=g&GroupDescription=d&TagSpecification.1."
                "ResourceType=security-group&TagSpecification.1.Tag.1.Key=team&TagSpecification.1."
                "Tag.1.Value=lab",
                "AKIAROOT"),
            "");
  ASSERT_EQ(ask("Action=CreateSecurityGroup&GroupName=h&GroupDescription=d", "AKIAROOT"), "");
  put("p", allow("ec2:DeleteSecurityGroup", "*",
                 R"(,"Condition":{"StringEquals":{"aws:ResourceTag/team":"lab"}})"));
  EXPECT_EQ(ask("Action=DeleteSecurityGroup&GroupName=h"), kNo);
  EXPECT_EQ(ask("Action=DeleteSecurityGroup&GroupName=g"), "");
  put("q",
      allow("ec2:Describe*", "*", R"(,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}})"));
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), "");
  put("q", allow("ec2:Describe*", "*",
                 R"(,"Condition":{"IpAddress":{"aws:SourceIp":"198.51.100.0/24"}})"));
  EXPECT_EQ(ask("Action=DescribeKeyPairs"), kNo);
}

TEST_F(Authorization, AUserMayBeLetChangeItselfAlone) {
  put("p", allow("iam:*AccessKey*", "arn:aws:iam::123456789012:user/lab/${aws:username}"));
  const std::string version = "&Version=2010-05-08";
  EXPECT_EQ(ask("Action=ListAccessKeys" + version), "");
  EXPECT_EQ(ask("Action=ListAccessKeys&UserName=bea" + version), "");
  EXPECT_EQ(ask("Action=ListAccessKeys&UserName=ana" + version), "AccessDenied");
  EXPECT_EQ(ask("Action=CreateAccessKey&UserName=ana" + version), "AccessDenied");
  EXPECT_EQ(ask("Action=CreateAccessKey&UserName=bea" + version), "");
}

TEST_F(Authorization, NoPolicyMakesARootOfAnybody) {
  put("p", allow("iam:*"));
  const std::string of_root = "&UserName=ana&Version=2010-05-08";
  EXPECT_EQ(ask("Action=CreateAccessKey" + of_root), "AccessDenied");
  EXPECT_EQ(ask("Action=CreateSigningCertificate" + of_root), "AccessDenied");
  EXPECT_EQ(ask("Action=GetUser" + of_root), "");
  EXPECT_EQ(ask("Action=CreateAccessKey&UserName=bea&Version=2010-05-08"), "");
}

TEST_F(Authorization, ObjectsAreFoundAtAnyDepthAndByOtherNames) {
  put("p",
      allow("ec2:RunInstances", "arn:aws:ec2:*:*:security-group/sg-11111111111111111") + "," +
          R"({"Effect":"Allow","Action":"ec2:RunInstances","NotResource":"arn:aws:ec2:*:*:security-group/*"})");
  const std::string launch = "Action=RunInstances&ImageId=emi-12345678";
  EXPECT_EQ(ask(launch), kNo) << "the default group would be taken";
  EXPECT_EQ(ask(launch + "&SecurityGroupId.1=sg-11111111111111111"), "MissingParameter");
  const std::string card = launch + "&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.";
  EXPECT_EQ(ask(card + "SecurityGroupId.1=sg-22222222222222222"), kNo);
  EXPECT_EQ(ask(card + "SecurityGroupId.1=sg-11111111111111111"), "MissingParameter");
  put("p", allow("ec2:*Address", "arn:aws:ec2:*:*:elastic-ip/eipalloc-11111111111111111"));
  EXPECT_EQ(ask("Action=ReleaseAddress&PublicIp=198.51.100.9"), kNo);
  EXPECT_EQ(ask("Action=DisassociateAddress&AssociationId=eipassoc-11111111111111111"), kNo);
}

TEST_F(Authorization, NobodyIsLetOverTheAccountsCeiling) {
  put("p", allow("*"));
  put("ceiling", allow("ec2:Describe*"), entity(kAccount));
  for (const auto* key : {"AKIABEA", "AKIAROOT"}) {
    EXPECT_EQ(ask("Action=DescribeKeyPairs", key), "") << key;
    EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k", key), kNo) << key;
  }
}

TEST_F(Authorization, AdministratorsActionsAreNotOpenedByPolicies) {
  put("p", allow("*"));
  EXPECT_EQ(ask("Action=DescribeServices&Version=eucalyptus"), "AccessDenied");
  EXPECT_EQ(ask("Action=CreateAccount&AccountName=mine&Version=2010-05-08"), "AccessDenied");
  EXPECT_EQ(ask("Action=ListUsers&DelegateAccount=other&Version=2010-05-08"), "AccessDenied");
}

TEST_F(Authorization, ADryRunAsksForThePermissionFirst) {
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k&DryRun=true"), kNo);
  put("p", allow("ec2:*"));
  EXPECT_EQ(ask("Action=CreateKeyPair&KeyName=k&DryRun=true"), "DryRunOperation");
}

TEST_F(Authorization, WhoGivesAnInstanceAProfileMustBeAllowedToPassItsRoleOn) {
  const auto root = [this](const std::string& form) {
    return ask(form + "&Version=2010-05-08", "AKIAROOT");
  };
  const std::string trust =
      "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%22%2A%22%2C"
      "%22Action%22%3A%22sts%3AAssumeRole%22%7D%7D";
  ASSERT_EQ(root("Action=CreateRole&RoleName=ops&AssumeRolePolicyDocument=" + trust), "");
  ASSERT_EQ(root("Action=CreateInstanceProfile&InstanceProfileName=p"), "");
  ASSERT_EQ(root("Action=CreateInstanceProfile&InstanceProfileName=empty"), "");
  ASSERT_EQ(root("Action=AddRoleToInstanceProfile&InstanceProfileName=p&RoleName=ops"), "");
  const std::string give =
      "Action=AssociateIamInstanceProfile&InstanceId=i-12345678&IamInstanceProfile.";
  const std::string launch =
      "Action=RunInstances&ImageId=emi-12345678&MinCount=1&MaxCount=1&InstanceType=none&"
      "IamInstanceProfile.";
  put("p", allow("ec2:*"));
  EXPECT_EQ(ask(give + "Name=p"), kNo);
  EXPECT_NE(sentence_.find("iam:PassRole on resource: arn:aws:iam::123456789012:role/ops"),
            std::string::npos)
      << sentence_;
  EXPECT_EQ(ask(launch + "Name=p"), kNo);
  EXPECT_EQ(ask(launch + "Arn=arn:aws:iam::123456789012:instance-profile/p"), kNo);
  EXPECT_EQ(ask(give + "Name=empty"), "InvalidInstanceID.NotFound") << "there is no role to pass";
  const auto to = [](const std::string& service) {
    return R"(,"Condition":{"StringEquals":{"iam:PassedToService":")" + service + "\"}}";
  };
  put("q", allow("iam:PassRole", "arn:aws:iam::123456789012:role/ops", to("lambda.amazonaws.com")));
  EXPECT_EQ(ask(give + "Name=p"), kNo);
  put("q", allow("iam:PassRole", "arn:aws:iam::123456789012:role/ops", to("ec2.amazonaws.com")));
  EXPECT_EQ(ask(give + "Name=p"), "InvalidInstanceID.NotFound") << "now it is only not there";
  EXPECT_EQ(ask(launch + "Name=p"), "InvalidParameterValue") << "the type is not there";
}

}  // namespace
}  // namespace angophora::clc
