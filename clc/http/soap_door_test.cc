// SOAP messages of users, from the bytes to the answer.
#include <gmock/gmock.h>

#include "clc/http/front_door.h"
#include "clc/store/identities.h"
#include "clc/testing/action_fixture.h"
#include "clc/testing/text_body.h"
#include "clc/testing/user_signer.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

using namespace testing;
using ::testing::HasSubstr;

class SoapDoor : public ActionFixture {
 public:
  SoapDoor() { open_door(); }

  void SetUp() override {
    const auto added = write([](Tx& tx) -> Result<> {
      Identities identities(tx);
      TRY_VOID(
          identities.insert(Account{AccountId("123456789012"), "users", std::string(64, 'a'), {}}));
      TRY_VOID(identities.insert(
          User{UserId("AIDAX"), AccountId("123456789012"), "ana", "/", {}, true}));
      const auto pem = [](const char* name) { return user_key(name).certificate.pem(); };
      TRY_VOID(identities.insert(UserCertificate{"C1", UserId("AIDAX"), pem("ana"), true, {}}));
      return identities.insert(UserCertificate{"C2", UserId("AIDAX"), pem("off"), false, {}});
    });
    ASSERT_TRUE(added);
  }

  void open_door() {
    door =
        std::make_unique<FrontDoor>(*services, metrics, FrontDoorOptions{.body_bytes_max = 30000});
  }

  std::string message(const std::string& action, const std::string& members = "",
                      const std::string& who = "ana") {
    UserSigning options;
    options.created = runtime.now() + std::chrono::milliseconds(++sent);
    return sign_as_user(ec2_element(action, members), user_key(who), options);
  }

  // The element in the Body of the answer.
  xml::Element send(const std::string& bytes, const std::string& soap_action = "",
                    const std::string& path = "/services/Eucalyptus") {
    TextBody body(bytes);
    http::Request request;
    request.method = "POST";
    request.target = path;
    request.headers.add("Host", "cloud.example:8773");
    request.headers.add("Content-Type", "text/xml; charset=UTF-8");
    request.headers.add("SOAPAction", "\"" + soap_action + "\"");
    request.body = &body;
    response = world.run<http::Response>(runtime, door->handle(request));
    EXPECT_THAT(response.headers.get("Content-Type"), HasSubstr("text/xml"));
    const auto root = xml::read(std::get<std::string>(response.body));
    EXPECT_TRUE(root) << std::get<std::string>(response.body);
    if (!root) return {};
    EXPECT_EQ(root.value().name, "Envelope");
    EXPECT_EQ(root.value().name_space, "http://schemas.xmlsoap.org/soap/envelope/");
    const auto* answer = root.value().child("Body");
    EXPECT_TRUE(answer && answer->children.size() == 1);
    return answer && !answer->children.empty() ? answer->children.front() : xml::Element();
  }
  // "Client.InvalidAction" of a fault; the sentence is kept.
  std::string fault(const std::string& bytes, const std::string& soap_action = "",
                    const std::string& path = "/services/Eucalyptus") {
    const auto root = send(bytes, soap_action, path);
    EXPECT_EQ(root.name, "Fault");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(root.find("detail/RequestId")->text, response.headers.get("x-amzn-RequestId"));
    sentence = root.text_of("faultstring");
    const auto code = root.text_of("faultcode");
    EXPECT_EQ(code.substr(0, 4), "aws:");
    return code.substr(4);
  }

  admin::Metrics metrics;
  std::unique_ptr<FrontDoor> door;
  http::Response response;
  std::string sentence;
  int sent = 0;
};

TEST_F(SoapDoor, AnswersAsTheQueryApiDoesUnderTheSameNamespace) {
  const auto answer = send(message("DescribeRegions"), "DescribeRegions");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(answer.name, "DescribeRegionsResponse");
  EXPECT_EQ(answer.name_space, "http://ec2.amazonaws.com/doc/2013-02-01/");
  EXPECT_EQ(answer.children.front().name, "requestId");
  EXPECT_EQ(answer.find("regionInfo/item/regionEndpoint")->text, "http://cloud.example:8773");
}

TEST_F(SoapDoor, TakesMessagesAtEveryPathOfEc2) {
  for (const std::string path : {"/", "/services/compute", "/services/compute/",
                                 "/services/Eucalyptus", "/services/Eucalyptus/"}) {
    const auto bytes = message("DescribeRegions");
    EXPECT_EQ(send(bytes, "", path).name, "DescribeRegionsResponse") << path;
  }
  EXPECT_EQ(fault(message("DescribeRegions"), "", "/services/Euare"),
            "Client.UnsupportedOperation");
  EXPECT_EQ(fault(message("DescribeRegions"), "", "/services/CloudWatch"),
            "Client.UnsupportedOperation");
  EXPECT_EQ(fault(message("DescribeRegions"), "", "/elsewhere"), "Client.NotFound");
}

TEST_F(SoapDoor, KnowsTheCallerByHisCertificate) {
  send(message("CreateKeyPair", "<keyName>mine</keyName>"));
  EXPECT_EQ(response.status, 200);
  const auto found = call_as(caller_of("123456789012", "ana"), "DescribeKeyPairs");
  EXPECT_EQ(found.value().find("keySet/item/keyName"), "mine");
  EXPECT_EQ(fault(message("DescribeRegions", "", "nobody")), "Client.AuthFailure");
  EXPECT_EQ(fault(message("DescribeRegions", "", "off")), "Client.AuthFailure");
}

TEST_F(SoapDoor, GivesACertificateOfTwoUsersToNeither) {
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    Identities identities(tx);
    TRY_VOID(identities.insert(User{UserId("AIDAY"), AccountId("123456789012"), "ben", "/", {}}));
    return identities.insert(
        UserCertificate{"C3", UserId("AIDAY"), user_key("ana").certificate.pem(), true, {}});
  }));
  EXPECT_EQ(fault(message("DescribeRegions")), "Client.AuthFailure");
}

TEST_F(SoapDoor, FindsCertificatesThatAreOlderThanTheirThumbprints) {
  ASSERT_TRUE(write([](Tx& tx) -> Result<> {
    TRY(auto q, tx.prepare("UPDATE certificates SET thumbprint = ''"));
    TRY_VOID(q.run());
    return Identities(tx).fill_thumbprints();
  }));
  EXPECT_EQ(send(message("DescribeRegions")).name, "DescribeRegionsResponse");
}

TEST_F(SoapDoor, RefusesWhatIsNotProperlySigned) {
  auto altered = message("DeleteKeyPair", "<keyName>a</keyName>");
  altered.replace(altered.find(">a</keyName>"), 2, ">b");
  EXPECT_EQ(fault(altered), "Client.MalformedSOAPSignature");
  EXPECT_EQ(fault("<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\">"
                  "<soapenv:Header/><soapenv:Body>" +
                  ec2_element("DescribeRegions") + "</soapenv:Body></soapenv:Envelope>"),
            "Client.MalformedSOAPSignature");
  EXPECT_EQ(fault("<a/>"), "Client.InvalidSOAPRequest");
  EXPECT_EQ(fault("not XML"), "Client.InvalidSOAPRequest");
  EXPECT_EQ(fault(""), "Client.InvalidSOAPRequest");
  EXPECT_EQ(fault("<!DOCTYPE a><a/>"), "Client.InvalidSOAPRequest");
}

TEST_F(SoapDoor, RefusesMessagesOfThePastAndTheFuture) {
  const auto old = message("DescribeRegions");
  world.run_for(std::chrono::minutes(11));
  EXPECT_EQ(fault(old), "Client.InvalidSecurity");
  EXPECT_THAT(sentence, HasSubstr("expired"));
  UserSigning early;
  early.created = runtime.now() + std::chrono::minutes(6);
  EXPECT_EQ(fault(sign_as_user(ec2_element("DescribeRegions"), user_key(), early)),
            "Client.InvalidSecurity");
  EXPECT_THAT(sentence, HasSubstr("future"));
  UserSigning long_lived;
  long_lived.created = runtime.now();
  long_lived.lifetime = std::chrono::minutes(16);
  EXPECT_EQ(fault(sign_as_user(ec2_element("DescribeRegions"), user_key(), long_lived)),
            "Client.InvalidSecurity");
}

TEST_F(SoapDoor, TakesEachMessageOnceAlsoAfterARestart) {
  const auto bytes = message("CreateKeyPair", "<keyName>once</keyName>");
  EXPECT_EQ(send(bytes).name, "CreateKeyPairResponse");
  EXPECT_EQ(fault(bytes), "Client.InvalidSecurity");
  open_door();
  EXPECT_EQ(fault(bytes), "Client.InvalidSecurity");
  // As long as it is not too old anyway.
  world.run_for(std::chrono::minutes(9));
  EXPECT_EQ(fault(bytes), "Client.InvalidSecurity");
  EXPECT_THAT(sentence, HasSubstr("came before"));
}

TEST_F(SoapDoor, ForgetsMessagesThatAreTooOldToCome) {
  send(message("DescribeRegions"));
  world.run_for(std::chrono::minutes(11));
  send(message("DescribeRegions"));
  const auto kept = write([](Tx& tx) -> Result<std::int64_t> {
    TRY(auto q, tx.prepare("SELECT COUNT(*) FROM soap_messages"));
    TRY_VOID(q.step());
    return q.integer(0);
  });
  EXPECT_EQ(kept.value(), 1);
}

TEST_F(SoapDoor, TellsWhatIsWrongInTheCodesOfEc2) {
  EXPECT_EQ(fault(message("Nonsense")), "Client.InvalidAction");
  EXPECT_EQ(fault(message("DescribeServices")), "Client.InvalidAction");
  EXPECT_EQ(fault(message("CreateKeyPair")), "Client.MissingParameter");
  EXPECT_EQ(fault(message("DescribeRegions", "<colour>blue</colour>")), "Client.UnknownParameter");
  EXPECT_THAT(sentence, HasSubstr("colour"));
  EXPECT_EQ(fault(message("DescribeRegions", "<dryRun>true</dryRun>")), "Client.DryRunOperation");
  EXPECT_EQ(fault(message("DeleteKeyPair", "<keyName>a</keyName><keyName>b</keyName>")),
            "Client.InvalidParameterValue");
  EXPECT_EQ(
      fault(message("DescribeKeyPairs", "<keySet><item><keyName>none</keyName></item></keySet>")),
      "Client.InvalidKeyPair.NotFound");
}

TEST_F(SoapDoor, RefusesAnActionHeaderThatIsNotTheBodys) {
  EXPECT_EQ(fault(message("DescribeRegions"), "TerminateInstances"), "Client.InvalidSOAPRequest");
  EXPECT_EQ(fault(message("DescribeRegions"), "", "/?Action=TerminateInstances"),
            "Client.InvalidSOAPRequest");
}

TEST_F(SoapDoor, RefusesOtherNamespaces) {
  for (const std::string space :
       {"http://ec2.amazonaws.com/doc/2013-02-01", "http://ec2.amazonaws.com/doc/yesterday/",
        "http://ec2.amazonaws.com/doc/2013-02-01/x", "urn:other", ""}) {
    UserSigning options;
    options.created = runtime.now() + std::chrono::milliseconds(++sent);
    const auto xmlns = space.empty() ? "" : " xmlns=\"" + space + "\"";
    const auto content = "<DescribeRegions" + xmlns + "></DescribeRegions>";
    EXPECT_EQ(fault(sign_as_user(content, user_key(), options)), "Client.InvalidSOAPRequest")
        << space;
  }
}

TEST_F(SoapDoor, RefusesABodyThatIsTooLarge) {
  EXPECT_EQ(fault(std::string(40000, ' ')), "Client.RequestEntityTooLarge");
}

TEST_F(SoapDoor, LeavesS3sXmlToWalrus) {
  TextBody body("<Delete/>");
  http::Request request;
  request.method = "POST";
  request.target = "/bucket?delete";
  request.headers.add("Host", "s3.cloud.example:8773");
  request.headers.add("Content-Type", "text/xml");
  request.headers.add("Authorization", "AWS AKIA:x");
  request.body = &body;
  EXPECT_EQ(world.run<http::Response>(runtime, door->handle(request)).status, 301);
}

TEST_F(SoapDoor, DescribesItselfToEverybody) {
  TextBody body("");
  http::Request request;
  request.method = "GET";
  request.target = "/services/compute?wsdl&Version=2014-10-01";
  request.headers.add("Host", "cloud.example:8773");
  request.body = &body;
  response = world.run<http::Response>(runtime, door->handle(request));
  EXPECT_EQ(response.status, 200);
  const auto root = xml::read(std::get<std::string>(response.body)).value();
  EXPECT_EQ(*root.attribute("targetNamespace"), "http://ec2.amazonaws.com/doc/2014-10-01/");
  EXPECT_EQ(*root.find("service/port/address")->attribute("location"),
            "http://cloud.example:8773/services/compute");
}

TEST_F(SoapDoor, CountsFaultsByWhatTheyAre) {
  fault(message("Nonsense"));
  send(message("DescribeRegions"));
  EXPECT_THAT(metrics.text(), HasSubstr("clc_requests_total{action=\"none\",status=\"400\"} 1"));
  EXPECT_THAT(metrics.text(),
              HasSubstr("clc_requests_total{action=\"DescribeRegions\",status=\"200\"} 1"));
}

}  // namespace
}  // namespace angophora::clc
