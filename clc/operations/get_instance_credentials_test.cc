#include <gtest/gtest.h>

#include "clc/operations/operations.h"
#include "clc/store/registrations.h"
#include "clc/testing/instance_fixture.h"
#include "common/crypto/x509.h"
#include "common/sessions/session.h"

namespace angophora::clc {
namespace {

using Call = soap::cloud::GetInstanceCredentials;

std::string trust(const std::string& service) {
  return R"({"Statement":{"Effect":"Allow","Principal":{"Service":")" + service +
         R"("},"Action":"sts:AssumeRole"}})";
}

class GetInstanceCredentials : public testing::InstanceFixture {
 protected:
  GetInstanceCredentials()
      : table(runtime), issuer(*services, table), context{*services, issuer, table} {
    call_ok("CreateRole",
            {{"RoleName", "ops"}, {"AssumeRolePolicyDocument", trust("ec2.amazonaws.com")}});
    call_ok("CreateInstanceProfile", {{"InstanceProfileName", "p"}});
    call_ok("AddRoleToInstanceProfile", {{"InstanceProfileName", "p"}, {"RoleName", "ops"}});
    image = register_image();
    instance = run(image, {{"IamInstanceProfile.Name", "p"}});
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
  void call_ok(std::string_view action, testing::Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    EXPECT_TRUE(reply) << action << ": " << reply.error().message;
  }
  Result<Call::Reply> ask(const std::string& of, const std::string& node = "node-1",
                          std::int64_t placement_no = 1, const std::string& known_role = "") {
    Call::Request request;
    request.instanceId = of;
    request.placementNo = placement_no;
    if (!known_role.empty()) request.knownRoleId = known_role;
    soap::Caller who;
    who.name = ServiceName(node);
    who.role = soap::Role::node;
    return world.run(runtime, operations::get_instance_credentials(context, who, request));
  }

  registry::RegistryTable table;
  RegistryIssuer issuer;
  operations::Context context;
  std::string image;
  std::string instance;
};

TEST_F(GetInstanceCredentials, TheNodeGetsASessionOfTheRoleInTheInstancesName) {
  const auto reply = ask(instance).value();
  EXPECT_EQ(reply.profileArn.value_or(""), "arn:aws:iam::123456789012:instance-profile/p");
  EXPECT_EQ(reply.roleName.value_or(""), "ops");
  const auto secret =
      testing::sample_keys().stranger.decrypt_oaep(reply.wrappedSecret.value_or("")).value();
  const auto session = sessions::open(*reply.sessionToken, *reply.accessKeyId,
                                      {sessions::token_key_of(keys.secret)}, runtime.now())
                           .value();
  EXPECT_EQ(session.secret, secret);
  EXPECT_EQ(session.name, instance);
  EXPECT_EQ(session.issuer, *reply.roleId);
  EXPECT_EQ(*reply.expiresMs - *reply.issuedMs, 6 * 3600 * 1000);
  EXPECT_EQ(reply.sessionToken->find(secret), std::string::npos);
}

TEST_F(GetInstanceCredentials, CredentialsThatAreKnownAreNotMadeAnew) {
  const auto role = *ask(instance).value().roleId;
  const auto reply = ask(instance, "node-1", 1, role).value();
  EXPECT_EQ(reply.roleId.value_or(""), role);
  EXPECT_FALSE(reply.accessKeyId);
  EXPECT_TRUE(ask(instance, "node-1", 1, "AROAOTHER").value().accessKeyId);
}

TEST_F(GetInstanceCredentials, NobodyElseGetsThem) {
  const auto refused = make_error_code(common::Errc::permission_denied);
  EXPECT_EQ(ask(instance, "node-2").error().code, refused);
  EXPECT_EQ(ask(instance, "node-1", 2).error().code, refused);
  EXPECT_EQ(ask("i-12345678").error().code, refused);
  ASSERT_TRUE(call("TerminateInstances", {{"InstanceId.1", instance}}));
  EXPECT_EQ(ask(instance).error().code, refused);
}

TEST_F(GetInstanceCredentials, AnInstanceWithoutAProfileGetsNone) {
  const auto other = run(image);
  make_running(other);
  EXPECT_FALSE(ask(other).value().profileArn);
}

TEST_F(GetInstanceCredentials, AProfileWithoutARoleSaysSo) {
  call_ok("RemoveRoleFromInstanceProfile", {{"InstanceProfileName", "p"}, {"RoleName", "ops"}});
  auto reply = ask(instance).value();
  EXPECT_EQ(reply.refusal.value_or(""), "InstanceProfileNotFound");
  EXPECT_FALSE(reply.accessKeyId);
  call_ok("DeleteInstanceProfile", {{"InstanceProfileName", "p"}});
  reply = ask(instance).value();
  EXPECT_TRUE(reply.profileArn) << "the instance keeps its name";
  EXPECT_FALSE(reply.accessKeyId);
}

TEST_F(GetInstanceCredentials, ARoleThatDoesNotTrustInstancesGivesNone) {
  call_ok("UpdateAssumeRolePolicy",
          {{"RoleName", "ops"}, {"PolicyDocument", trust("lambda.amazonaws.com")}});
  const auto reply = ask(instance).value();
  EXPECT_EQ(reply.refusal.value_or(""), "AssumeRoleUnauthorizedAccess");
  EXPECT_FALSE(reply.accessKeyId);
  EXPECT_FALSE(reply.roleName);
}

}  // namespace
}  // namespace angophora::clc
