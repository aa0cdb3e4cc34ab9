// xmlsec1 as the judge: it verifies what we sign, and we verify what it signs.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/soap/testing.h"
#include "common/soap/wsse_names.h"
#include "common/soap/xml_document.h"

namespace angophora::soap {
namespace {
using namespace testing;

class Xmlsec : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("xmlsec1 --version > /dev/null 2>&1") != 0)
      GTEST_SKIP() << "xmlsec1 is not installed";
    char name[] = "/tmp/angophora-xmlsec-XXXXXX";
    folder_ = mkdtemp(name);
    const auto& self = self_named("cc-1");
    write("key.pem", self.key.pem());
    write("cert.pem", self.certificate.pem());
  }
  void TearDown() override {
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string read(const std::string& name) {
    std::ifstream file(folder_ + "/" + name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  static std::string id_attributes() {
    std::string options;
    for (const std::string name : {"To", "Action", "MessageID", "RelatesTo"})
      options += " --id-attr:Id " + std::string(names::kWsa) + ":" + name;
    options += " --id-attr:Id " + std::string(names::kWsu) + ":Timestamp";
    options += " --id-attr:Id " + std::string(kSoapSpace) + ":Body";
    return options;
  }
  bool run(const std::string& arguments) {
    const auto command = "cd " + folder_ + " && xmlsec1 " + arguments + " > out.txt 2>&1";
    return std::system(command.c_str()) == 0;
  }
  bool verifies(const std::string& message) {
    write("message.xml", message);
    return run("--verify --pubkey-cert-pem cert.pem" + id_attributes() + " message.xml");
  }
  // `message` with digests and signature made anew by xmlsec1.
  std::string signed_by_xmlsec(std::string message) {
    for (const auto* name : {"ds:DigestValue", "ds:SignatureValue"}) {
      const auto open = std::string("<") + name + ">", close = std::string("</") + name + ">";
      for (std::size_t at = 0; (at = message.find(open, at)) != std::string::npos; ++at)
        message.replace(at, message.find(close, at) - at, open);
    }
    write("template.xml", message);
    EXPECT_TRUE(
        run("--sign --privkey-pem key.pem" + id_attributes() + " --output signed.xml template.xml"))
        << read("out.txt");
    return read("signed.xml");
  }
  static Result<VerifiedEnvelope> we_verify(const std::string& message) {
    return verify_envelope(message, [](std::string_view thumbprint) {
      const auto& certificate = self_named("cc-1").certificate;
      return thumbprint == certificate.sha1_thumbprint()
                 ? std::optional<crypto::PublicKey>(certificate.public_key())
                 : std::nullopt;
    });
  }

  std::string folder_;
};

TEST_F(Xmlsec, VerifiesWhatWeSign) {
  EXPECT_TRUE(verifies(signed_request())) << read("out.txt");
  auto addressing = request_addressing();
  addressing.relates_to = "urn:<&>\"'\xc3\xa4";
  const auto content =
      "<n:X xmlns:n=\"urn:n\">\n <n:y a=\"&lt;&amp;\">&amp;&lt;&gt;&#xD; \xe2\x82\xac</n:y></n:X>";
  EXPECT_TRUE(verifies(signed_by(self_named("cc-1"), addressing, content))) << read("out.txt");
  addressing.action = kFaultAction;
  const auto fault = encode_fault({"not found", "no <tap>", "urn:uuid:1"});
  EXPECT_TRUE(verifies(signed_by(self_named("cc-1"), addressing, fault))) << read("out.txt");
}

TEST_F(Xmlsec, RefusesWhatWasChanged) {
  for (const std::string text : {">i-1<", "service:node-1", "T03:00:00"})
    EXPECT_FALSE(verifies(replaced(signed_request(), text, ">x<"))) << text;
}

TEST_F(Xmlsec, SignsWhatWeVerify) {
  const auto message = signed_by_xmlsec(signed_request());
  const auto got = we_verify(message);
  ASSERT_TRUE(got) << got.error().message;
  EXPECT_EQ(got.value().content(), request_content());
}

// As others write it: indented, other prefixes, namespaces that nobody uses, CDATA, entities.
TEST_F(Xmlsec, SignsInOtherWordsWhatWeVerify) {
  auto message = signed_request();
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"SOAP-ENV", "s"},
                                                        {"wsa:", "a:"},
                                                        {"xmlns:wsa", "xmlns:a"},
                                                        {"node:Get", "q:Get"},
                                                        {"xmlns:node", "xmlns:q"},
                                                        {"<node:", "<q:"},
                                                        {"</node:", "</q:"}}) {
    for (std::size_t at = 0; (at = message.find(from, at)) != std::string::npos; at += to.size())
      message.replace(at, from.size(), to);
  }
  message = replaced(message, "<s:Header>", "\n  <s:Header xmlns:unused=\"urn:unused\">\n    ");
  message = replaced(message, "<s:Body ", "\n  <s:Body xmlns:more=\"urn:more\" ");
  message = replaced(message, "<ds:SignedInfo", "\n      <ds:SignedInfo");
  message = replaced(message, ">i-1<", "><![CDATA[i-<&1]]>&#x41;&amp;\xc3\xa4<");
  const auto got = we_verify(signed_by_xmlsec(message));
  ASSERT_TRUE(got) << got.error().message << message;
  EXPECT_EQ(got.value().body_space, "urn:angophora:node:1");
  EXPECT_NE(got.value().content().find("i-&lt;&amp;1A&amp;\xc3\xa4"), std::string::npos);
}

TEST_F(Xmlsec, SignsWithAnotherKeyWhatWeRefuse) {
  write("key.pem", self_named("walrus").key.pem());
  const auto got = we_verify(signed_by_xmlsec(signed_request()));
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code, SoapErrc::bad_signature);
}

}  // namespace
}  // namespace angophora::soap
