#include <gtest/gtest.h>

#include "clc/operations/operations.h"
#include "clc/store/registrations.h"
#include "clc/testing/instance_fixture.h"
#include "common/base/encoding.h"
#include "common/crypto/x509.h"

namespace angophora::clc {
namespace {

class GetImageKey : public testing::InstanceFixture {
 protected:
  GetImageKey()
      : table(runtime),
        issuer(*services, table),
        context{*services, issuer, table},
        image(register_image()),
        instance(run(image)) {
    make_running(instance);
    crypto::CertificateSubject subject;
    subject.common_name = "node-1";
    subject.not_after = runtime.now() + std::chrono::hours(24);
    subject.serial = "1";
    const auto certificate =
        crypto::Certificate::self_signed(testing::sample_keys().stranger, subject).value();
    write([&](Tx& tx) {
      return Registrations(tx).enrol(ServiceName("node-1"), "signing", certificate.der(),
                                     runtime.now());
    }).value();
  }

  Result<soap::cloud::GetImageKey::Reply> ask(const std::string& node, const std::string& of,
                                              std::int64_t placement_no,
                                              const std::string& with_image) {
    soap::cloud::GetImageKey::Request request;
    request.instanceId = of;
    request.placementNo = placement_no;
    request.imageId = with_image;
    soap::Caller who;
    who.name = ServiceName(node);
    who.role = soap::Role::node;
    return world.run(runtime, operations::get_image_key(context, who, request));
  }

  registry::RegistryTable table;
  RegistryIssuer issuer;
  operations::Context context;
  std::string image;
  std::string instance;
};

TEST_F(GetImageKey, TheNodeThatHoldsThePlacementCanOpenTheImage) {
  const auto reply = ask("node-1", instance, 1, image).value();
  const auto& node_key = testing::sample_keys().stranger;
  const testing::SampleBundle bundle;
  EXPECT_EQ(common::hex_encode(node_key.decrypt_oaep(reply.wrappedKey).value()), bundle.key_hex);
  EXPECT_EQ(common::hex_encode(node_key.decrypt_oaep(reply.wrappedIv).value()), bundle.iv_hex);
  ASSERT_EQ(reply.parts.size(), 2u);
  EXPECT_EQ(reply.parts[1].sizeBytes, 100);
  EXPECT_EQ(reply.sizeBytes, 1048576);
}

TEST_F(GetImageKey, TheReplySurvivesTheWire) {
  const auto& operation = soap::cloud::GetImageKey::kOperation;
  const soap::Message reply(ask("node-1", instance, 1, image).value());
  const auto xml = operation.encode_reply(reply).value();
  auto read = operation.decode_reply(xml).value();
  EXPECT_EQ(read.get<soap::cloud::GetImageKey::Reply>()->parts.size(), 2u);
}

TEST_F(GetImageKey, NobodyElseCan) {
  const auto code = [&](const std::string& node, const std::string& of, std::int64_t placement_no,
                        const std::string& with) {
    return ask(node, of, placement_no, with).error().code;
  };
  const auto refused = make_error_code(common::Errc::permission_denied);
  EXPECT_EQ(code("node-2", instance, 1, image), refused);
  EXPECT_EQ(code("node-1", instance, 2, image), refused);
  EXPECT_EQ(code("node-1", "i-12345678", 1, image), refused);
  EXPECT_EQ(code("node-1", instance, 1, "emi-12345678"), refused);
}

TEST_F(GetImageKey, NotForAnInstanceThatIsToEnd) {
  ASSERT_TRUE(call("TerminateInstances", {{"InstanceId.1", instance}}));
  EXPECT_EQ(ask("node-1", instance, 1, image).error().code, common::Errc::permission_denied);
}

TEST_F(GetImageKey, AlsoForAnImageThatWasDeregisteredSince) {
  ASSERT_TRUE(call("DeregisterImage", {{"ImageId", image}}));
  EXPECT_TRUE(ask("node-1", instance, 1, image));
}

}  // namespace
}  // namespace angophora::clc
