#include "clc/http/front_door.h"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>

#include "clc/http/wire_errors.h"
#include "clc/store/access_keys.h"
#include "clc/store/identities.h"
#include "clc/store/users.h"
#include "clc/testing/action_fixture.h"
#include "clc/testing/text_body.h"
#include "common/crypto/digest.h"
#include "common/sigv/sign.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

using testing::TextBody;

class FrontDoorTest : public testing::ActionFixture {
 public:
  FrontDoorTest() : door(*services, metrics, FrontDoorOptions{.body_bytes_max = 10000}) {
    const auto added = write([](Tx& tx) -> Result<> {
      Identities identities(tx);
      TRY_VOID(
          identities.insert(Account{AccountId("123456789012"), "users", std::string(64, 'a'), {}}));
      TRY_VOID(identities.insert(
          User{UserId("AIDAX"), AccountId("123456789012"), "ana", "/", {}, true}));
      TRY_VOID(identities.insert(User{UserId("AIDAY"), AccountId("123456789012"), "bea", "/", {}}));
      TRY_VOID(identities.insert(AccessKey{"AKIABEA", UserId("AIDAY"), "secret", true, {}}));
      TRY_VOID(identities.insert(AccessKey{"AKIAGOOD", UserId("AIDAX"), "secret", true, {}}));
      return identities.insert(AccessKey{"AKIAOFF", UserId("AIDAX"), "secret", false, {}});
    });
    EXPECT_TRUE(added);
  }

  // A signed POST, as aws and euca2ools send it.
  http::Request post(std::string form, std::string key = "AKIAGOOD", std::string secret = "secret",
                     std::string path = "/") {
    sigv::SignedRequest request;
    request.method = "POST";
    request.target = std::move(path);
    request.headers = {{"Host", "cloud.example:8773"},
                       {"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    request.form = form;
    request.body_sha256 = crypto::sha256_hex(form);
    if (!key.empty()) {
      sigv::Scope scope;
      scope.region = "undefined-4711";
      scope.service = "ec2";
      sigv::sign_v4(request, {std::move(key), std::move(secret), ""}, scope, runtime.now());
    }
    body = std::make_unique<TextBody>(std::move(form));
    http::Request out;
    out.method = request.method;
    out.target = request.target;
    for (auto& [name, value] : request.headers) out.headers.add(name, value);
    out.body = body.get();
    return out;
  }

  xml::Element send(http::Request request) {
    response = world.run<http::Response>(runtime, door.handle(request));
    auto root = xml::read(std::get<std::string>(response.body));
    EXPECT_TRUE(root);
    return root ? root.value() : xml::Element();
  }
  std::string code_of(const xml::Element& root) {
    const auto* code = root.find("Errors/Error/Code");
    return code ? code->text : root.find("Error/Code") ? root.find("Error/Code")->text : "";
  }

  admin::Metrics metrics;
  FrontDoor door;
  std::unique_ptr<TextBody> body;
  http::Response response;
};

TEST_F(FrontDoorTest, AnswersUnderTheNamespaceOfTheVersionThatWasSent) {
  const auto root = send(post("Action=DescribeRegions&Version=2014-10-01"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(root.name, "DescribeRegionsResponse");
  EXPECT_EQ(root.name_space, "http://ec2.amazonaws.com/doc/2014-10-01/");
  EXPECT_EQ(root.children.front().name, "requestId");
  EXPECT_EQ(root.find("regionInfo/item/regionEndpoint")->text, "http://cloud.example:8773");
}

TEST_F(FrontDoorTest, KeepsAnythingButADateOutOfTheNamespace) {
  const auto root = send(post("Action=DescribeRegions&Version=%22%3E%3Cx%2F%3E"));
  EXPECT_EQ(root.name_space, "http://ec2.amazonaws.com/doc/2016-11-15/");
}

TEST_F(FrontDoorTest, AnswersStsInItsOwnEnvelope) {
  const auto root = send(post("Action=GetCallerIdentity&Version=2011-06-15"));
  EXPECT_EQ(root.name_space, "https://sts.amazonaws.com/doc/2011-06-15/");
  EXPECT_EQ(root.find("GetCallerIdentityResult/Arn")->text, "arn:aws:iam::123456789012:user/ana");
  EXPECT_FALSE(root.find("ResponseMetadata/RequestId")->text.empty());
}

TEST_F(FrontDoorTest, RefusesAWrongSecretAndAnUnknownKeyInTheSameWords) {
  const auto wrong = send(post("Action=DescribeRegions&Version=2016-11-15", "AKIAGOOD", "guess"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(code_of(wrong), "AuthFailure");
  const auto sentence = wrong.find("Errors/Error/Message")->text;
  const auto unknown = send(post("Action=DescribeRegions&Version=2016-11-15", "AKIANONE"));
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(unknown.find("Errors/Error/Message")->text, sentence);
  send(post("Action=DescribeRegions&Version=2016-11-15", "AKIAOFF"));
  EXPECT_EQ(response.status, 401);
}

TEST_F(FrontDoorTest, AUserWhoIsNotTheRootMayOnlyAskWhoHeIs) {
  const auto who = send(post("Action=GetCallerIdentity&Version=2011-06-15", "AKIABEA"));
  EXPECT_EQ(who.find("GetCallerIdentityResult/Arn")->text, "arn:aws:iam::123456789012:user/bea");
  for (const auto* action : all_actions()) {
    if (action->for_everybody) continue;
    const auto version = action->api == Api::ec2   ? "2016-11-15"
                         : action->api == Api::iam ? "2010-05-08"
                                                   : "eucalyptus";
    const auto refusal =
        send(post("Action=" + std::string(action->name) + "&Version=" + version, "AKIABEA"));
    EXPECT_EQ(response.status, 403) << action->name;
    EXPECT_EQ(code_of(refusal), action->api == Api::ec2 ? "UnauthorizedOperation" : "AccessDenied")
        << action->name;
  }
}

TEST_F(FrontDoorTest, TheRootOfAnOrdinaryAccountIsNoAdministrator) {
  for (const auto* action : all_actions()) {
    if (!action->administrators_only) continue;
    const auto version = action->api == Api::iam ? "2010-05-08" : "eucalyptus";
    send(post("Action=" + std::string(action->name) + "&Version=" + version));
    EXPECT_EQ(response.status, 403) << action->name;
  }
}

TEST_F(FrontDoorTest, KeysOfAUserWhoIsSwitchedOffOpenNothing) {
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    TRY(auto user, Users(tx).find(AccountId("123456789012"), "ana"));
    user.is_enabled = false;
    return Users(tx).update(user);
  }));
  send(post("Action=DescribeRegions&Version=2016-11-15"));
  EXPECT_EQ(response.status, 401);
}

TEST_F(FrontDoorTest, AKeyThatNoMasterOpensIsRefusedAndTheOthersWork) {
  const auto spoil = [](Tx& tx) {
    return AccessKeys(tx).set_secret("AKIABEA", "sealed:lost0000:AAAA");
  };
  ASSERT_TRUE(write(spoil));
  EXPECT_EQ(code_of(send(post("Action=DescribeRegions&Version=2016-11-15", "AKIABEA"))),
            "AuthFailure");
  send(post("Action=DescribeRegions&Version=2016-11-15"));
  EXPECT_EQ(response.status, 200);
}

TEST_F(FrontDoorTest, AnswersIamInItsOwnEnvelopeAndWords) {
  const auto user = send(post("Action=GetUser&Version=2010-05-08"));
  EXPECT_EQ(user.name, "GetUserResponse");
  EXPECT_EQ(user.name_space, "https://iam.amazonaws.com/doc/2010-05-08/");
  EXPECT_EQ(user.find("GetUserResult/User/UserName")->text, "ana");
  EXPECT_EQ(code_of(send(post("Action=GetUser&Version=2010-05-08&UserName=x"))), "NoSuchEntity");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(code_of(send(post("Action=CreateUser&Version=2010-05-08&UserName=bea"))),
            "EntityAlreadyExists");
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(code_of(send(post("Action=CreateUser&Version=2010-05-08&UserName=b%2Fa"))),
            "ValidationError");
  EXPECT_EQ(code_of(send(post("Action=DeleteUser&Version=2010-05-08&UserName=bea"))),
            "DeleteConflict");
  EXPECT_EQ(code_of(send(post("Action=ListUsers&Version=2010-05-08&Marker=x"))), "ValidationError");
}

TEST_F(FrontDoorTest, RefusesAnAlteredBody) {
  auto request = post("Action=DescribeRegions&Version=2016-11-15");
  body = std::make_unique<TextBody>("Action=DescribeKeyPairs&Version=2016-11-15");
  request.body = body.get();
  EXPECT_EQ(code_of(send(request)), "AuthFailure");
}

TEST_F(FrontDoorTest, RefusesAnUnsignedRequest) {
  const auto root = send(post("Action=DescribeRegions&Version=2016-11-15", ""));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(code_of(root), "MissingAuthenticationToken");
}

TEST_F(FrontDoorTest, RefusesASkewedClock) {
  auto request = post("Action=DescribeRegions&Version=2016-11-15");
  world.run_for(std::chrono::minutes(20));
  EXPECT_EQ(code_of(send(request)), "RequestExpired");
}

TEST_F(FrontDoorTest, NamesWhatIsWrongWithARequest) {
  EXPECT_EQ(code_of(send(post("Action=Nonsense&Version=2016-11-15"))), "InvalidAction");
  EXPECT_EQ(code_of(send(post("Version=2016-11-15"))), "MissingAction");
  EXPECT_EQ(code_of(send(post("Action=DescribeRegions&Colour=blue"))), "UnknownParameter");
  EXPECT_EQ(code_of(send(post("Action=CreateKeyPair"))), "MissingParameter");
  EXPECT_EQ(code_of(send(post("Action=DescribeRegions&DryRun=true"))), "DryRunOperation");
  EXPECT_EQ(response.status, 412);
  EXPECT_EQ(code_of(send(post("Action=DescribeRegions&Action=DescribeKeyPairs"))),
            "InvalidParameterValue");
  EXPECT_EQ(code_of(send(post("Action=%zz"))), "InvalidParameterValue");
}

TEST_F(FrontDoorTest, KeepsAdministratorsActionsFromOthers) {
  const auto root = send(post("Action=DescribeServices&Version=eucalyptus"));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(code_of(root), "AccessDenied");
}

TEST_F(FrontDoorTest, RefusesABodyThatIsTooLarge) {
  const auto root = send(post("Action=DescribeRegions&X=" + std::string(20000, 'x')));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(code_of(root), "RequestEntityTooLarge");
}

TEST_F(FrontDoorTest, SendsS3ClientsToWalrus) {
  auto request = post("", "");
  request.method = "PUT";
  request.target = "/bucket/key?x=1";
  const auto root = send(request);
  EXPECT_EQ(response.status, 301);
  EXPECT_EQ(root.name, "Error");
  EXPECT_EQ(root.text_of("Endpoint"), "http://cloud.example:8776");
  EXPECT_EQ(response.headers.get("Location"), "http://cloud.example:8776/bucket/key?x=1");
}

TEST_F(FrontDoorTest, CountsAndTimesRequests) {
  send(post("Action=DescribeRegions&Version=2016-11-15"));
  EXPECT_NE(metrics.text().find("clc_requests_total{action=\"DescribeRegions\",status=\"200\"} 1"),
            std::string::npos);
}

TEST(WireErrors, NeverTellInternalText) {
  bool is_internal = false;
  const auto fault =
      wire_fault(Api::ec2, Error(common::Errc::io, "disk /var/x broke"), &is_internal);
  EXPECT_EQ(fault.code, "InternalError");
  EXPECT_EQ(fault.status, 500);
  EXPECT_EQ(fault.message.find("disk"), std::string::npos);
  EXPECT_TRUE(is_internal);
}

TEST_F(FrontDoorTest, AnAccountThatStormsIsSlowedDownByItself) {
  properties.set("cloud.requests_per_second", "5");
  properties.set("cloud.requests_burst", "10");
  const auto ask = [this](const std::string& form, const std::string& key = "AKIAGOOD") {
    return code_of(send(post(form, key)));
  };
  const std::string look = "Action=DescribeRegions&Version=2016-11-15";
  int served = 0;
  for (int i = 0; i < 100; ++i) served += ask(look).empty() ? 1 : 0;
  EXPECT_EQ(served, 10);
  EXPECT_EQ(ask(look), "RequestLimitExceeded");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(ask("Action=GetCallerIdentity&Version=2011-06-15"), "") << "another API";
  EXPECT_EQ(ask(look, "AKIANONE"), "AuthFailure") << "nobody's requests cost nobody's tokens";
  world.run_for(std::chrono::seconds(1));
  served = 0;
  for (int i = 0; i < 100; ++i) served += ask(look).empty() ? 1 : 0;
  EXPECT_EQ(served, 5);
  properties.set("cloud.requests_per_second", "0");
  EXPECT_EQ(ask(look), "") << "the operator lifts the limit";
}

class Audited : public FrontDoorTest {
 protected:
  Audited() {
    std::string pattern = std::filesystem::temp_directory_path() / "audited-XXXXXX";
    folder = mkdtemp(pattern.data());
    log = world.run(runtime, audit::Log::open(runtime, folder, {})).value();
    FrontDoorOptions options;
    options.audit = log.get();
    audited.emplace(*services, metrics, options);
  }
  ~Audited() override {
    runtime.kill();
    std::filesystem::remove_all(folder);
  }
  void ask(std::string form, std::string key = "AKIAGOOD", std::string secret = "secret") {
    auto request = post(std::move(form), std::move(key), std::move(secret));
    request.peer.address = "192.0.2.9";
    request.headers.set("User-Agent", "a client");
    response = world.run<http::Response>(runtime, audited->handle(request));
  }
  std::vector<boost::json::object> records() {
    std::vector<boost::json::object> found;
    std::ifstream in(folder + "/" + audit::file_name(1));
    for (std::string line; std::getline(in, line);)
      found.push_back(boost::json::parse(line).as_object());
    return found;
  }
  std::string folder;
  std::unique_ptr<audit::Log> log;
  std::optional<FrontDoor> audited;
};

TEST_F(Audited, EachCallIsOneRecordBeforeItsAnswer) {
  ask("Action=CreateKeyPair&Version=2016-11-15&KeyName=mine");
  ASSERT_EQ(response.status, 200);
  ASSERT_EQ(records().size(), 1u);
  const auto made = records().front();
  EXPECT_EQ(made.at("eventName"), "CreateKeyPair");
  EXPECT_EQ(made.at("eventSource"), "ec2.amazonaws.com");
  EXPECT_EQ(made.at("sourceIPAddress"), "192.0.2.9");
  EXPECT_EQ(made.at("userAgent"), "a client");
  EXPECT_EQ(made.at("readOnly"), false);
  EXPECT_EQ(std::string_view(made.at("requestID").as_string()),
            response.headers.get("x-amzn-RequestId"));
  EXPECT_EQ(made.at("requestParameters").as_object().at("KeyName"), "mine");
  EXPECT_EQ(made.at("requestParameters").as_object().size(), 1u) << "no signature";
  const auto& who = made.at("userIdentity").as_object();
  EXPECT_EQ(who.at("arn"), "arn:aws:iam::123456789012:user/ana");
  EXPECT_EQ(who.at("accountId"), "123456789012");
  EXPECT_EQ(who.at("accessKeyId"), "AKIAGOOD");
  EXPECT_FALSE(made.contains("errorCode"));
}

TEST_F(Audited, RefusalsAreRecordedWithTheirCodes) {
  ask("Action=DescribeKeyPairs&Version=2016-11-15&KeyName.1=none");
  ask("Action=CreateUser&Version=2010-05-08&UserName=carol", "AKIABEA");
  ask("Action=NoSuchAction&Version=2016-11-15");
  const auto found = records();
  ASSERT_EQ(found.size(), 2u) << "what is no action is no call";
  EXPECT_EQ(found[0].at("errorCode"), "InvalidKeyPair.NotFound");
  EXPECT_EQ(found[0].at("readOnly"), true);
  EXPECT_EQ(found[1].at("errorCode"), "AccessDenied");
  EXPECT_EQ(found[1].at("eventSource"), "iam.amazonaws.com");
}

TEST_F(Audited, WhoIsNotKnownCannotFillTheLog) {
  ask("Action=DescribeRegions&Version=2016-11-15", "AKIAGOOD", "guess");
  ask("Action=DescribeRegions&Version=2016-11-15", "AKIANONE");
  ask("Action=DescribeRegions&Version=2016-11-15", "");
  EXPECT_TRUE(records().empty());
}

TEST_F(Audited, SecretsAreNoPartOfIt) {
  ask("Action=ModifyInstanceAttribute&Version=2016-11-15&InstanceId=i-12345678&"
      "UserData.Value=aHVzaA%3D%3D");
  ask("Action=CreateAccessKey&Version=2010-05-08&UserName=bea");
  ASSERT_EQ(response.status, 200);
  const auto root = xml::read(std::get<std::string>(response.body)).value();
  const auto secret = root.find("CreateAccessKeyResult/AccessKey/SecretAccessKey")->text;
  std::ifstream in(folder + "/" + audit::file_name(1));
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(records().size(), 2u);
  EXPECT_EQ(text.find(secret), std::string::npos);
  EXPECT_EQ(text.find("aHVzaA"), std::string::npos);
}

}  // namespace
}  // namespace angophora::clc
