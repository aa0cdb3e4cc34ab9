// Temporary credentials at the front door: who gets them, what they open, and when they end.
#include <gtest/gtest.h>

#include "clc/http/front_door.h"
#include "clc/store/identities.h"
#include "clc/store/inline_policies.h"
#include "clc/store/managed_policies.h"
#include "clc/store/roles.h"
#include "clc/store/users.h"
#include "clc/testing/action_fixture.h"
#include "clc/testing/text_body.h"
#include "common/base/encoding.h"
#include "common/crypto/digest.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

using namespace std::chrono_literals;

const AccountId kAccount("123456789012"), kOther("999999999999");
const UserId kRoot("AIDAROOT"), kBea("AIDABEA"), kEve("AIDAEVE");
const RoleId kOps("AROAOPS");
constexpr char kOpsArn[] = "arn:aws:iam::123456789012:role/ops";

struct Keys {
  std::string id, secret = "secret", token = "";
};
struct Answer {
  std::string code;  // "" when it was done
  std::string sentence;
  xml::Element root;
  std::string text(const std::string& path) const {
    const auto* found = root.find(path);
    return found ? found->text : "";
  }
};

std::string document(const std::string& effect, const std::string& action,
                     const std::string& more = R"(,"Resource":"*")") {
  return R"({"Version":"2012-10-17","Statement":{"Effect":")" + effect + R"(","Action":")" +
         action + "\"" + more + "}}";
}
std::string trust(const std::string& principal, const std::string& more = "") {
  return document("Allow", "sts:AssumeRole", R"(,"Principal":{"AWS":")" + principal + "\"}" + more);
}

class Sessions : public testing::ActionFixture {
 public:
  Sessions() : door_(*services, metrics_) {
    write([](Tx& tx) -> Result<> {
      Identities identities(tx);
      TRY_VOID(identities.insert(Account{kAccount, "users", std::string(64, 'a'), {}}));
      TRY_VOID(identities.insert(Account{kOther, "others", std::string(64, 'b'), {}}));
      TRY_VOID(identities.insert(User{kRoot, kAccount, "ana", "/", {}, true}));
      TRY_VOID(identities.insert(User{kBea, kAccount, "bea", "/", {}}));
      TRY_VOID(identities.insert(User{kEve, kOther, "eve", "/", {}, true}));
      TRY_VOID(identities.insert(AccessKey{"AKIAROOT", kRoot, "secret", true, {}}));
      TRY_VOID(identities.insert(AccessKey{"AKIABEA", kBea, "secret", true, {}}));
      TRY_VOID(identities.insert(AccessKey{"AKIAEVE", kEve, "secret", true, {}}));
      Role role;
      role.id = kOps;
      role.account = kAccount;
      role.name = "ops";
      role.trust = trust("arn:aws:iam::123456789012:user/bea");
      return Roles(tx).insert(role);
    }).value();
  }

  Answer ask(const Keys& held, std::string form) {
    if (form.find("Version=") == std::string::npos) form += "&Version=2011-06-15";
    sigv::SignedRequest request;
    request.method = "POST";
    request.target = "/";
    request.headers = {{"Host", "cloud.example:8773"},
                       {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.form = form;
    request.body_sha256 = crypto::sha256_hex(form);
    sigv::Scope scope;
    scope.region = "angophora";
    scope.service = "sts";
    sigv::sign_v4(request, {held.id, held.secret, held.token}, scope, runtime.now());
    testing::TextBody body(std::move(form));
    http::Request out;
    out.method = request.method;
    out.target = request.target;
    out.peer.address = "192.0.2.7";
    for (auto& [name, value] : request.headers) out.headers.add(name, value);
    out.body = &body;
    const auto response = world.run<http::Response>(runtime, door_.handle(out));
    Answer answer;
    answer.root = xml::read(std::get<std::string>(response.body)).value();
    for (const auto* path : {"Errors/Error", "Error"})
      if (const auto* error = answer.root.find(path)) {
        answer.sentence = error->text_of("Message");
        answer.code = error->text_of("Code");
      }
    return answer;
  }
  static Keys keys_in(const Answer& answer, const std::string& action) {
    const auto at = action + "Result/Credentials/";
    return {answer.text(at + "AccessKeyId"), answer.text(at + "SecretAccessKey"),
            answer.text(at + "SessionToken")};
  }
  Answer assume(const Keys& held, const std::string& more = "") {
    return ask(held,
               std::string("Action=AssumeRole&RoleSessionName=night&RoleArn=") + kOpsArn + more);
  }
  Keys ops(const std::string& more = "") {
    const auto answer = assume({"AKIABEA"}, more);
    EXPECT_EQ(answer.code, "") << answer.sentence;
    return keys_in(answer, "AssumeRole");
  }
  std::string look(const Keys& held) {
    return ask(held, "Action=DescribeKeyPairs&Version=2016-11-15").code;
  }
  void put(const PolicyEntity& on, const std::string& text) {
    write([=](Tx& tx) { return InlinePolicies(tx).put(on, {"p", text}); }).value();
  }
  void set_trust(const std::string& text) {
    write([=](Tx& tx) -> Result<> {
      TRY(auto role, Roles(tx).find(kAccount, "ops"));
      role.trust = text;
      return Roles(tx).update(role);
    }).value();
  }

  admin::Metrics metrics_;
  FrontDoor door_;
};

constexpr char kNo[] = "UnauthorizedOperation";

TEST_F(Sessions, ARoleIsTakenOnByWhomItTrusts) {
  const auto answer = assume({"AKIABEA"});
  EXPECT_EQ(answer.code, "") << answer.sentence;
  EXPECT_EQ(answer.text("AssumeRoleResult/AssumedRoleUser/Arn"),
            "arn:aws:sts::123456789012:assumed-role/ops/night");
  EXPECT_EQ(answer.text("AssumeRoleResult/AssumedRoleUser/AssumedRoleId"), "AROAOPS:night");
  const auto held = keys_in(answer, "AssumeRole");
  EXPECT_TRUE(held.id.starts_with("ASIA"));
  const auto who = ask(held, "Action=GetCallerIdentity");
  EXPECT_EQ(who.text("GetCallerIdentityResult/Arn"),
            "arn:aws:sts::123456789012:assumed-role/ops/night");
  EXPECT_EQ(who.text("GetCallerIdentityResult/UserId"), "AROAOPS:night");
  EXPECT_EQ(who.text("GetCallerIdentityResult/Account"), "123456789012");
}

TEST_F(Sessions, NobodyElseTakesItOnNorLearnsOfIt) {
  EXPECT_EQ(assume({"AKIAROOT"}).code, "AccessDenied") << "not even the root";
  const auto strange = assume({"AKIAEVE"});
  EXPECT_EQ(strange.code, "AccessDenied");
  const auto none = ask({"AKIAEVE"},
                        "Action=AssumeRole&RoleSessionName=night&RoleArn="
                        "arn:aws:iam::123456789012:role/opt");
  auto expected = strange.sentence;
  expected.replace(expected.find("role/ops"), 8, "role/opt");
  EXPECT_EQ(none.sentence, expected);
}

TEST_F(Sessions, AnAccountThatIsTrustedDecidesByItsOwnPolicies) {
  set_trust(trust("arn:aws:iam::123456789012:root"));
  EXPECT_EQ(assume({"AKIABEA"}).code, "AccessDenied");
  put(entity(kBea), document("Allow", "sts:AssumeRole"));
  EXPECT_EQ(assume({"AKIABEA"}).code, "");
  EXPECT_EQ(assume({"AKIAROOT"}).code, "");
  EXPECT_EQ(assume({"AKIAEVE"}).code, "AccessDenied");
  set_trust(trust("999999999999"));
  EXPECT_EQ(assume({"AKIAEVE"}).code, "");
  EXPECT_EQ(assume({"AKIABEA"}).code, "AccessDenied");
}

TEST_F(Sessions, TheTrustPolicySeesWhatTheRequestBrings) {
  set_trust(trust("arn:aws:iam::123456789012:user/bea",
                  R"(,"Condition":{"StringEquals":{"sts:ExternalId":"x7"},)"
                  R"("StringLike":{"sts:RoleSessionName":"n*"}})"));
  EXPECT_EQ(assume({"AKIABEA"}).code, "AccessDenied");
  EXPECT_EQ(assume({"AKIABEA"}, "&ExternalId=x8").code, "AccessDenied");
  EXPECT_EQ(assume({"AKIABEA"}, "&ExternalId=x7").code, "");
}

TEST_F(Sessions, TagsAndSourceIdentityTakeActionsOfTheirOwn) {
  const std::string tags = "&Tags.member.1.Key=team&Tags.member.1.Value=red";
  EXPECT_EQ(assume({"AKIABEA"}, tags).code, "AccessDenied");
  EXPECT_EQ(assume({"AKIABEA"}, "&SourceIdentity=bea").code, "AccessDenied");
  set_trust(R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":)"
            R"("arn:aws:iam::123456789012:user/bea"},"Action":["sts:AssumeRole","sts:TagSession",)"
            R"("sts:SetSourceIdentity"],"Condition":{"StringEquals":{"aws:RequestTag/team":)"
            R"("red"}}}})");
  EXPECT_EQ(assume({"AKIABEA"}, tags + "&SourceIdentity=bea").code, "");
  EXPECT_EQ(assume({"AKIABEA"}, "&Tags.member.1.Key=team&Tags.member.1.Value=blue").code,
            "AccessDenied");
  put(entity(kOps), document("Allow", "ec2:Describe*",
                             R"(,"Resource":"*","Condition":{"StringEquals":)"
                             R"({"aws:PrincipalTag/team":"red"}})"));
  EXPECT_EQ(look(ops(tags)), "");
}

TEST_F(Sessions, ASessionMayWhatTheRoleMayAndNoMoreThanItsOwnPolicies) {
  const auto held = ops();
  EXPECT_EQ(look(held), kNo);
  put(entity(kOps), document("Allow", "ec2:*"));
  EXPECT_EQ(look(held), "");
  EXPECT_EQ(ask(held, "Action=ListUsers&Version=2010-05-08").code, "AccessDenied");
  const auto narrow = ops("&Policy=" + common::percent_encode(document("Allow", "ec2:Create*")));
  EXPECT_EQ(look(narrow), kNo);
  EXPECT_EQ(ask(narrow, "Action=CreateKeyPair&KeyName=k&Version=2016-11-15").code, "");
  const auto by_name =
      ops("&PolicyArns.member.1.arn=arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess");
  EXPECT_EQ(look(by_name), "");
  EXPECT_EQ(ask(by_name, "Action=CreateKeyPair&KeyName=l&Version=2016-11-15").code, kNo);
}

TEST_F(Sessions, ASessionEndsWithItsTimeAndWithItsRole) {
  put(entity(kOps), document("Allow", "ec2:*"));
  const auto held = ops("&DurationSeconds=900");
  const auto later = ops();
  world.run_for(899s);
  EXPECT_EQ(look(held), "");
  world.run_for(2s);
  EXPECT_EQ(look(held), "RequestExpired");
  EXPECT_EQ(ask(held, "Action=GetCallerIdentity").code, "ExpiredToken");
  EXPECT_EQ(look(later), "");
  write([](Tx& tx) { return Roles(tx).remove(kOps); }).value();
  EXPECT_EQ(look(later), "AuthFailure");
  EXPECT_EQ(ask(later, "Action=GetCallerIdentity").code, "InvalidClientTokenId");
}

TEST_F(Sessions, ATokenOpensNothingInOtherHands) {
  put(entity(kOps), document("Allow", "ec2:*"));
  const auto held = ops(), others = ops();
  EXPECT_EQ(look({held.id, "guessed", held.token}), "AuthFailure");
  EXPECT_EQ(look({others.id, others.secret, held.token}), "AuthFailure");
  EXPECT_EQ(look({"AKIABEA", "secret", held.token}), "AuthFailure");
  EXPECT_EQ(look({held.id, held.secret, ""}), "AuthFailure");
  auto changed = held;
  changed.token[40] = changed.token[40] == 'A' ? 'B' : 'A';
  EXPECT_EQ(look(changed), "AuthFailure");
}

TEST_F(Sessions, HoldsToTheTimesThatRolesAndChainsHave) {
  EXPECT_EQ(assume({"AKIABEA"}, "&DurationSeconds=899").code, "ValidationError");
  EXPECT_EQ(assume({"AKIABEA"}, "&DurationSeconds=3601").code, "ValidationError");
  EXPECT_EQ(assume({"AKIABEA"}, "&DurationSeconds=43201").code, "ValidationError");
  EXPECT_EQ(assume({"AKIABEA"}, "&Policy=%7B").code, "MalformedPolicyDocument");
  EXPECT_EQ(
      ask({"AKIABEA"}, std::string("Action=AssumeRole&RoleSessionName=a%20b&RoleArn=") + kOpsArn)
          .code,
      "ValidationError");
  set_trust(trust(std::string("*")));
  put(entity(kOps), document("Allow", "sts:*"));
  EXPECT_EQ(assume(ops(), "&DurationSeconds=3600").code, "");
  write([](Tx& tx) -> Result<> {
    TRY(auto role, Roles(tx).find(kAccount, "ops"));
    role.session_max = 2h;
    return Roles(tx).update(role);
  }).value();
  EXPECT_EQ(assume({"AKIABEA"}, "&DurationSeconds=7200").code, "");
  EXPECT_EQ(assume(ops(), "&DurationSeconds=7200").code, "ValidationError") << "a chain";
}

TEST_F(Sessions, AUsersOwnSessionMayWhatTheUserMayButNotWithIdentities) {
  put(entity(kBea), document("Allow", "*"));
  const auto answer = ask({"AKIABEA"}, "Action=GetSessionToken");
  const auto held = keys_in(answer, "GetSessionToken");
  EXPECT_EQ(look(held), "");
  EXPECT_EQ(ask(held, "Action=GetCallerIdentity").text("GetCallerIdentityResult/Arn"),
            "arn:aws:iam::123456789012:user/bea");
  EXPECT_EQ(ask({"AKIABEA"}, "Action=ListUsers&Version=2010-05-08").code, "");
  EXPECT_EQ(ask(held, "Action=ListUsers&Version=2010-05-08").code, "AccessDenied");
  EXPECT_EQ(ask(held, "Action=GetSessionToken").code, "AccessDenied");
  EXPECT_EQ(assume(held).code, "");
  write([](Tx& tx) -> Result<> {
    TRY(auto user, Users(tx).find(kAccount, "bea"));
    user.is_enabled = false;
    return Users(tx).update(user);
  }).value();
  EXPECT_EQ(look(held), "AuthFailure") << "it ends with the user";
}

TEST_F(Sessions, TheRootsSessionLastsAnHourAtMostAndLeavesIdentitiesAlone) {
  const auto held =
      keys_in(ask({"AKIAROOT"}, "Action=GetSessionToken&DurationSeconds=43200"), "GetSessionToken");
  EXPECT_EQ(look(held), "");
  EXPECT_EQ(ask(held, "Action=CreateUser&UserName=x&Version=2010-05-08").code, "AccessDenied");
  world.run_for(3601s);
  EXPECT_EQ(look(held), "RequestExpired");
}

TEST_F(Sessions, WhoIsFederatedMayWhatBothUserAndSessionAllow) {
  EXPECT_EQ(ask({"AKIABEA"}, "Action=GetFederationToken&Name=guest").code, "AccessDenied");
  put(entity(kBea), document("Allow", "*"));
  const auto none =
      keys_in(ask({"AKIABEA"}, "Action=GetFederationToken&Name=guest"), "GetFederationToken");
  EXPECT_EQ(look(none), kNo) << "without a policy it may nothing";
  const auto form = "Action=GetFederationToken&Name=guest&Policy=" +
                    common::percent_encode(document("Allow", "ec2:Describe*"));
  const auto answer = ask({"AKIABEA"}, form);
  EXPECT_EQ(answer.text("GetFederationTokenResult/FederatedUser/Arn"),
            "arn:aws:sts::123456789012:federated-user/guest");
  const auto held = keys_in(answer, "GetFederationToken");
  EXPECT_EQ(look(held), "");
  EXPECT_EQ(ask(held, "Action=CreateKeyPair&KeyName=k&Version=2016-11-15").code, kNo);
  put(entity(kBea), document("Deny", "ec2:*"));
  EXPECT_EQ(look(held), kNo);
  const auto of_root = keys_in(ask({"AKIAROOT"}, form), "GetFederationToken");
  EXPECT_EQ(look(of_root), "");
  EXPECT_EQ(ask(of_root, "Action=CreateKeyPair&KeyName=k&Version=2016-11-15").code, kNo);
  EXPECT_EQ(ask(of_root, "Action=ListUsers&Version=2010-05-08").code, "AccessDenied");
}

TEST_F(Sessions, ARoleThatActsForUsersMustNameThem) {
  put(entity(kOps), document("Allow", "iam:*"));
  const auto held = ops();
  EXPECT_EQ(ask(held, "Action=GetUser&Version=2010-05-08").code, "ValidationError");
  EXPECT_EQ(ask(held, "Action=GetUser&UserName=bea&Version=2010-05-08").code, "");
  EXPECT_EQ(ask(held, "Action=CreateAccessKey&UserName=ana&Version=2010-05-08").code,
            "AccessDenied")
      << "the root's are the root's";
}

TEST_F(Sessions, WhoPutsARoleIntoAProfileMustBeAllowedToPassItOn) {
  put(entity(kBea), document("Allow", "iam:*InstanceProfile"));
  const std::string version = "&Version=2010-05-08";
  EXPECT_EQ(ask({"AKIABEA"}, "Action=CreateInstanceProfile&InstanceProfileName=web" + version).code,
            "");
  const auto add = "Action=AddRoleToInstanceProfile&InstanceProfileName=web&RoleName=ops" + version;
  const auto refused = ask({"AKIABEA"}, add);
  EXPECT_EQ(refused.code, "AccessDenied");
  EXPECT_NE(refused.sentence.find("iam:PassRole on resource: " + std::string(kOpsArn)),
            std::string::npos)
      << refused.sentence;
  put(entity(kBea),
      R"({"Statement":{"Effect":"Allow","Action":["iam:*InstanceProfile","iam:PassRole"],)"
      R"("Resource":"*"}})");
  EXPECT_EQ(ask({"AKIABEA"}, add).code, "");
}

}  // namespace
}  // namespace angophora::clc
