// Messages as XML and back, as plain values that need nothing of gSOAP to live.
#include "common/soap/codec.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "common/soap/contracts.h"
#include "common/soap/fault.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {

node__RunInstancesType full_request() {
  t__instanceSpec spec;
  spec.instanceId = "i-0123456789abcdef0";
  spec.placementNo = 1LL << 60;
  spec.launchIndex = -1;
  spec.instanceType.name = "m1.small";
  spec.machineImage.imageId = "emi-1";
  spec.machineImage.wholeDisk = true;
  spec.kernelImage.emplace().imageId = "eki-1";
  spec.userData = std::string("\0\xff\r\n<&>", 7);
  spec.keyName = " <key>\r\n\t & \"more\"]]> \xc3\xa4 ";
  spec.groupNames = {"default", "", "web"};
  spec.net.macAddress = "d0:0d:00:00:00:01";
  node__RunInstancesType request;
  request.context.emplace().requestId = "req-1";
  request.instances = {spec, spec};
  request.instances[1].kernelImage.reset();
  request.instances[1].userData.reset();
  return request;
}

std::string encoded(const node__RunInstancesType& request) {
  return node::RunInstances::kOperation.encode_request(Message(request)).value();
}

TEST(Codec, BringsEveryValueThere) {
  const auto xml = encoded(full_request());
  auto message = node::RunInstances::kOperation.decode_request(xml);
  ASSERT_TRUE(message) << message.error().message;
  const auto& got = *message.value().get<node__RunInstancesType>();
  ASSERT_EQ(got.instances.size(), 2u);
  const auto want = full_request();
  EXPECT_EQ(got.context->requestId, "req-1");
  EXPECT_FALSE(got.context->registryVersion);
  const auto& spec = got.instances[0];
  EXPECT_EQ(spec.placementNo, 1LL << 60);
  EXPECT_EQ(spec.launchIndex, -1);
  EXPECT_TRUE(spec.machineImage.wholeDisk);
  EXPECT_EQ(spec.kernelImage->imageId, "eki-1");
  EXPECT_EQ(spec.userData, want.instances[0].userData);
  EXPECT_EQ(spec.keyName, want.instances[0].keyName);
  EXPECT_EQ(spec.groupNames, want.instances[0].groupNames);
  EXPECT_FALSE(got.instances[1].kernelImage);
  EXPECT_FALSE(got.instances[1].userData);
}

TEST(Codec, ReadsWhatOutlivesItsContextAndThread) {
  const auto xml = encoded(full_request());
  node__RunInstancesType copy;
  std::thread reader([&] {
    auto message = node::RunInstances::kOperation.decode_request(xml);
    copy = *message.value().get<node__RunInstancesType>();
  });
  reader.join();
  auto second = copy;
  copy.instances.clear();
  second.instances[0].kernelImage->imageId += "-changed";
  EXPECT_EQ(encoded(full_request()).size() + 8, encoded(second).size());
}

TEST(Codec, WritesExclusiveCanonicalForm) {
  const auto xml = encoded(full_request());
  const auto document = read_document(xml);
  ASSERT_TRUE(document);
  auto* tree = document.value().get();
  EXPECT_EQ(canonical(tree, xmlDocGetRootElement(tree)), xml);
}

TEST(Codec, IgnoresElementsThatItDoesNotKnow) {
  auto xml = encoded(full_request());
  xml.insert(xml.find("<node:instances>"), "<node:new><x>1</x></node:new>");
  xml.insert(xml.find("<t:instanceId"), "<t:more xmlns:t=\"urn:angophora:types:1\">2</t:more>");
  const auto message = node::RunInstances::kOperation.decode_request(xml);
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(message.value().get<node__RunInstancesType>()->instances.size(), 2u);
}

TEST(Codec, RefusesAMessageWithoutARequiredElement) {
  const std::string space = " xmlns:node=\"urn:angophora:node:1\"";
  const auto whole = "<node:GetConsoleOutput" + space +
                     "><node:instanceId>i</node:instanceId><node:placementNo>1</node:placementNo>"
                     "</node:GetConsoleOutput>";
  EXPECT_TRUE(node::GetConsoleOutput::kOperation.decode_request(whole));
  const auto half = "<node:GetConsoleOutput" + space +
                    "><node:instanceId>i</node:instanceId></node:GetConsoleOutput>";
  const auto message = node::GetConsoleOutput::kOperation.decode_request(half);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, Errc::corrupt);
}

TEST(Codec, RefusesWrongNamesNumbersAndJunk) {
  const auto& operation = node::GetConsoleOutput::kOperation;
  EXPECT_FALSE(operation.decode_request(encoded(full_request())));
  EXPECT_FALSE(operation.decode_request(""));
  EXPECT_FALSE(operation.decode_request("junk"));
  EXPECT_FALSE(operation.decode_request(
      "<node:GetConsoleOutput xmlns:node=\"urn:angophora:node:1\"><node:instanceId>i"
      "</node:instanceId><node:placementNo>x</node:placementNo></node:GetConsoleOutput>"));
  // The same name in a strange namespace.
  EXPECT_FALSE(operation.decode_request(
      "<node:GetConsoleOutput xmlns:node=\"urn:other\"><node:instanceId>i"
      "</node:instanceId><node:placementNo>1</node:placementNo></node:GetConsoleOutput>"));
  // A failure leaves nothing behind for the next message.
  EXPECT_TRUE(node::RunInstances::kOperation.decode_request(encoded(full_request())));
}

TEST(Document, RefusesDeepNesting) {
  std::string xml = "<node:RunInstances xmlns:node=\"urn:angophora:node:1\">";
  for (int i = 0; i < 100; ++i) xml += "<node:x>";
  for (int i = 0; i < 100; ++i) xml += "</node:x>";
  xml += "</node:RunInstances>";
  EXPECT_FALSE(read_document(xml));
}

TEST(Codec, RefusesToWriteWhatIsNotUtf8) {
  node__GetConsoleOutputType request;
  request.instanceId = "\xff\xfe";
  const auto xml = node::GetConsoleOutput::kOperation.encode_request(Message(request));
  ASSERT_FALSE(xml);
  EXPECT_EQ(xml.error().code, Errc::invalid_argument);
}

// A message with such a character could be read by nobody.
TEST(Codec, RefusesToWriteWhatXmlCannotHold) {
  for (const std::string text : {"\x01", "a\x1f", "\x0b", "\xef\xbf\xbf", "\xed\xa0\x80"}) {
    node__GetConsoleOutputType request;
    request.instanceId = text;
    EXPECT_FALSE(node::GetConsoleOutput::kOperation.encode_request(Message(request))) << text;
  }
}

TEST(Codec, KeepsTheRegistry) {
  t__registry registry;
  registry.version = 7;
  registry.services.emplace_back().signingCertificate = std::string("\0\1\2", 3);
  const auto xml = encode_registry(registry);
  ASSERT_TRUE(xml);
  const auto got = decode_registry(xml.value());
  ASSERT_TRUE(got);
  EXPECT_EQ(got.value().version, 7);
  EXPECT_EQ(got.value().services.at(0).signingCertificate, registry.services[0].signingCertificate);
}

// The list in contracts.inc and the contracts themselves.
TEST(Contracts, AreAllListed) {
  std::set<std::string> listed, written;
  for (const auto* operation : operations()) listed.emplace(operation->action);
  for (const std::string name : {"cloud", "cluster", "node", "storage", "walrus"}) {
    std::ifstream file(std::string(ANGOPHORA_WSDL_DIR) + "/" + name + ".wsdl");
    std::stringstream text;
    text << file.rdbuf();
    const auto wsdl = text.str();
    const std::regex action("soapAction=\"([^\"]+)\"");
    for (std::sregex_iterator at(wsdl.begin(), wsdl.end(), action), end; at != end; ++at)
      written.insert((*at)[1]);
  }
  EXPECT_GT(written.size(), 25u);
  EXPECT_EQ(listed, written);
}

TEST(FaultTest, TravelsAsXml) {
  const Fault fault{"not found", "volume <vol-1> & \"x\" \x01 does not exist", "boot <1>"};
  const auto body = "<SOAP-ENV:Body xmlns:SOAP-ENV=\"" + std::string(kSoapSpace) + "\">" +
                    encode_fault(fault) + "</SOAP-ENV:Body>";
  const auto document = read_document(body);
  ASSERT_TRUE(document);
  EXPECT_EQ(canonical(document.value().get(), xmlDocGetRootElement(document.value().get())), body);
  const auto got = decode_fault(body);
  ASSERT_TRUE(got);
  EXPECT_EQ(got.value().code, "not found");
  EXPECT_EQ(got.value().message, "volume <vol-1> & \"x\" ? does not exist");
  EXPECT_EQ(got.value().challenge, "boot <1>");
}

TEST(FaultTest, KnowsErrorsByName) {
  EXPECT_EQ(error_of(fault_of(Error(Errc::timed_out, "x"))).code, Errc::timed_out);
  EXPECT_EQ(error_of(fault_of(Error(SoapErrc::fresh_message_required, "x"))).code,
            SoapErrc::fresh_message_required);
  const auto strange = error_of(Fault{"volume in use", "by i-1", {}});
  EXPECT_EQ(strange.code, SoapErrc::refused_by_peer);
  EXPECT_EQ(strange.message, "volume in use: by i-1");
  EXPECT_EQ(fault_of(strange).code, "volume in use");
}

}  // namespace
}  // namespace angophora::soap
