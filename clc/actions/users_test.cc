// The users of an account, their access keys and signing certificates.
#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/store/identities.h"
#include "clc/testing/iam_fixture.h"
#include "clc/testing/user_signer.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

class UserActions : public testing::IamFixture {
 protected:
  std::error_code refused(std::string_view action, Pairs pairs) {
    const auto reply = call(action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  std::vector<std::string> names(Pairs pairs = {}) {
    std::vector<std::string> found;
    const auto reply = call("ListUsers", std::move(pairs));
    EXPECT_TRUE(reply) << reply.error().message;
    for (const auto* name : reply.value().all("Users/member/UserName"))
      found.push_back(name->text());
    return found;
  }
  std::string make_key(const std::string& user) {
    const auto reply = call("CreateAccessKey", {{"UserName", user}});
    EXPECT_TRUE(reply) << reply.error().message;
    return reply.value().find("AccessKey/AccessKeyId").value_or("");
  }
  std::string status(const std::string& user) {
    return call("ListAccessKeys", {{"UserName", user}})
        .value()
        .find("AccessKeyMetadata/member/Status")
        .value_or("none");
  }
};

using Names = std::vector<std::string>;

TEST_F(UserActions, AUserComesIsSeenAndGoes) {
  const auto made = call("CreateUser", {{"UserName", "bea"}, {"Path", "/lab/"}}).value();
  EXPECT_EQ(made.find("User/UserName"), "bea");
  EXPECT_EQ(made.find("User/Path"), "/lab/");
  EXPECT_EQ(made.find("User/Arn"), "arn:aws:iam::" + caller.account.value + ":user/lab/bea");
  EXPECT_TRUE(made.find("User/UserId")->starts_with("AIDA"));
  const auto seen = call("GetUser", {{"UserName", "bea"}}).value();
  EXPECT_EQ(seen.find("User/UserId"), made.find("User/UserId"));
  EXPECT_FALSE(seen.find("User/Enabled"));
  EXPECT_EQ(
      call("GetUser", {{"UserName", "bea"}, {"ShowExtra", "true"}}).value().find("User/Enabled"),
      "true");
  EXPECT_EQ(names(), (Names{"admin", "bea"}));
  ASSERT_TRUE(call("DeleteUser", {{"UserName", "bea"}}));
  EXPECT_EQ(refused("GetUser", {{"UserName", "bea"}}), IdentityErrc::not_found);
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "bea"}}), IdentityErrc::not_found);
}

TEST_F(UserActions, WithoutANameTheCallerIsMeant) {
  const auto itself = call("GetUser").value();
  EXPECT_EQ(itself.find("User/Arn"), "arn:aws:iam::" + caller.account.value + ":root");
  EXPECT_EQ(itself.find("User/UserName"), "admin");
  EXPECT_EQ(call("GetUser", {{"UserName", "admin"}}).value().find("User/Arn"), caller.user_arn);
}

TEST_F(UserActions, NobodyIsVouchedForByAProvider) {
  const auto list = call("ListOpenIDConnectProviders").value();
  EXPECT_TRUE(list.find("OpenIDConnectProviderList"));
  EXPECT_FALSE(list.find("OpenIDConnectProviderList/member"));
}

TEST_F(UserActions, NamesAndPathsAreChecked) {
  for (const auto& name : {std::string("b a"), std::string("b/a"), std::string(65, 'x')})
    EXPECT_EQ(refused("CreateUser", {{"UserName", name}}), RequestErrc::invalid_value) << name;
  EXPECT_EQ(refused("CreateUser", {}), RequestErrc::missing_parameter);
  for (const auto* path : {"lab", "/lab", "lab/", "/l b/"})
    EXPECT_EQ(refused("CreateUser", {{"UserName", "bea"}, {"Path", path}}),
              RequestErrc::invalid_value)
        << path;
  EXPECT_TRUE(call("CreateUser", {{"UserName", "b_e+a=1,2.3@x-y"}}));
}

TEST_F(UserActions, TwoNamesDifferByMoreThanCapitals) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  ASSERT_TRUE(call("CreateUser", {{"UserName", "cem"}}));
  for (const auto* name : {"bea", "Bea", "BEA", "admin"})
    EXPECT_EQ(refused("CreateUser", {{"UserName", name}}), IdentityErrc::exists) << name;
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "cem"}, {"NewUserName", "BEA"}}),
            IdentityErrc::exists);
  EXPECT_TRUE(call("UpdateUser", {{"UserName", "bea"}, {"NewUserName", "Bea"}}));
  EXPECT_TRUE(call_as(stranger, "CreateUser", {{"UserName", "bea"}}));
}

TEST_F(UserActions, AnAccountHasAsManyUsersAsItMay) {
  properties.set("cloud.users_max", "2");
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  ASSERT_TRUE(call("CreateUser", {{"UserName", "cem"}}));
  EXPECT_EQ(refused("CreateUser", {{"UserName", "dor"}}), IdentityErrc::limit_exceeded);
  EXPECT_TRUE(call_as(stranger, "CreateUser", {{"UserName", "dor"}}));
}

TEST_F(UserActions, ListsAreReadInPagesAndByPath) {
  for (const auto* name : {"e", "d", "c", "b"})
    ASSERT_TRUE(call("CreateUser", {{"UserName", name}, {"Path", *name < 'd' ? "/x/" : "/y/"}}));
  EXPECT_EQ(names({{"PathPrefix", "/x"}}), (Names{"b", "c"}));
  const auto first = call("ListUsers", {{"MaxItems", "2"}, {"PathPrefix", "/"}}).value();
  EXPECT_EQ(first.find("IsTruncated"), "true");
  EXPECT_EQ(names({{"MaxItems", "2"}, {"Marker", *first.find("Marker")}}), (Names{"c", "d"}));
  const auto last = call("ListUsers", {{"Marker", *first.find("Marker")}}).value();
  EXPECT_EQ(last.all("Users/member").size(), 3u);
  EXPECT_EQ(last.find("IsTruncated"), "false");
  EXPECT_FALSE(last.find("Marker"));
  EXPECT_EQ(refused("ListUsers", {{"Marker", "made up"}}), RequestErrc::bad_next_token);
  EXPECT_EQ(call_as(stranger, "ListUsers", {{"Marker", *first.find("Marker")}}).error().code,
            RequestErrc::bad_next_token);
  for (const auto* count : {"0", "1001", "many"})
    EXPECT_EQ(refused("ListUsers", {{"MaxItems", count}}), RequestErrc::invalid_value) << count;
}

TEST_F(UserActions, AUserIsRenamedAndMoved) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  make_key("bea");
  ASSERT_TRUE(
      call("UpdateUser", {{"UserName", "bea"}, {"NewUserName", "Beatrix"}, {"NewPath", "/lab/"}}));
  const auto user = call("GetUser", {{"UserName", "Beatrix"}}).value();
  EXPECT_EQ(user.find("User/Path"), "/lab/");
  EXPECT_EQ(status("Beatrix"), "Active");
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "bea"}}), IdentityErrc::not_found);
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "Beatrix"}, {"NewUserName", "x y"}}),
            RequestErrc::invalid_value);
}

TEST_F(UserActions, TheRootIsNeitherChangedNorDeleted) {
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "admin"}, {"NewUserName", "king"}}),
            IdentityErrc::invalid_input);
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "admin"}, {"Enabled", "false"}}),
            IdentityErrc::invalid_input);
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "admin"}, {"IsRecursive", "true"}}),
            IdentityErrc::conflict);
}

TEST_F(UserActions, AKeyIsShownWithItsSecretOnce) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  const auto made = call("CreateAccessKey", {{"UserName", "bea"}}).value();
  EXPECT_EQ(made.find("AccessKey/SecretAccessKey")->size(), 40u);
  EXPECT_EQ(made.find("AccessKey/UserName"), "bea");
  EXPECT_EQ(made.find("AccessKey/Status"), "Active");
  const auto listed = call("ListAccessKeys", {{"UserName", "bea"}}).value();
  EXPECT_EQ(listed.find("AccessKeyMetadata/member/AccessKeyId"),
            made.find("AccessKey/AccessKeyId"));
  EXPECT_FALSE(listed.find("AccessKeyMetadata/member/SecretAccessKey"));
  EXPECT_EQ(refused("ListAccessKeys", {{"UserName", "nobody"}}), IdentityErrc::not_found);
}

TEST_F(UserActions, AUserHasTwoKeysAndNotMore) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  const auto first = make_key("bea");
  make_key("bea");
  EXPECT_EQ(refused("CreateAccessKey", {{"UserName", "bea"}}), IdentityErrc::limit_exceeded);
  ASSERT_TRUE(call("DeleteAccessKey", {{"UserName", "bea"}, {"AccessKeyId", first}}));
  EXPECT_NE(make_key("bea"), "");
}

TEST_F(UserActions, AKeyIsSwitchedOffAndOnAndDeleted) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  const auto key = make_key("bea");
  const Pairs off{{"UserName", "bea"}, {"AccessKeyId", key}, {"Status", "Inactive"}};
  ASSERT_TRUE(call("UpdateAccessKey", off));
  EXPECT_EQ(status("bea"), "Inactive");
  ASSERT_TRUE(
      call("UpdateAccessKey", {{"UserName", "bea"}, {"AccessKeyId", key}, {"Status", "Active"}}));
  EXPECT_EQ(status("bea"), "Active");
  EXPECT_EQ(
      refused("UpdateAccessKey", {{"UserName", "bea"}, {"AccessKeyId", key}, {"Status", "Gone"}}),
      RequestErrc::invalid_value);
  // A key of another user is none of this one's.
  EXPECT_EQ(refused("UpdateAccessKey", {{"AccessKeyId", key}, {"Status", "Inactive"}}),
            IdentityErrc::not_found);
  EXPECT_EQ(refused("DeleteAccessKey", {{"AccessKeyId", key}}), IdentityErrc::not_found);
  ASSERT_TRUE(call("DeleteAccessKey", {{"UserName", "bea"}, {"AccessKeyId", key}}));
  EXPECT_EQ(refused("DeleteAccessKey", {{"UserName", "bea"}, {"AccessKeyId", key}}),
            IdentityErrc::not_found);
  EXPECT_EQ(status("bea"), "none");
}

TEST_F(UserActions, AUserWithKeysOrCertificatesStaysUnlessAllGo) {
  ASSERT_TRUE(call("CreateUser", {{"UserName", "bea"}}));
  const auto key = make_key("bea");
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "bea"}}), IdentityErrc::conflict);
  ASSERT_TRUE(call("DeleteAccessKey", {{"UserName", "bea"}, {"AccessKeyId", key}}));
  ASSERT_TRUE(call("CreateSigningCertificate", {{"UserName", "bea"}}));
  EXPECT_EQ(refused("DeleteUser", {{"UserName", "bea"}}), IdentityErrc::conflict);
  make_key("bea");
  ASSERT_TRUE(call("DeleteUser", {{"UserName", "bea"}, {"IsRecursive", "true"}}));
  EXPECT_EQ(names(), Names{"admin"});
}

TEST_F(UserActions, CertificatesAreMadeUploadedSwitchedAndDeleted) {
  const auto made = call("CreateSigningCertificate").value();
  EXPECT_TRUE(made.find("Certificate/PrivateKey")->starts_with("-----BEGIN"));
  EXPECT_TRUE(made.find("Certificate/CertificateBody")->starts_with("-----BEGIN CERTIFICATE"));
  const auto body = testing::user_key("bea").certificate.pem();
  const auto sent = call("UploadSigningCertificate", {{"CertificateBody", body}}).value();
  const auto id = sent.find("Certificate/CertificateId").value();
  EXPECT_FALSE(sent.find("Certificate/PrivateKey"));
  EXPECT_EQ(call("ListSigningCertificates").value().all("Certificates/member").size(), 2u);
  EXPECT_EQ(refused("CreateSigningCertificate", {}), IdentityErrc::limit_exceeded);
  ASSERT_TRUE(call("UpdateSigningCertificate", {{"CertificateId", id}, {"Status", "Inactive"}}));
  const auto active =
      write([this](Tx& tx) { return Identities(tx).active_certificates(caller.account); });
  EXPECT_EQ(active.value().size(), 1u);
  EXPECT_EQ(call_as(stranger, "DeleteSigningCertificate", {{"CertificateId", id}}).error().code,
            IdentityErrc::not_found);
  ASSERT_TRUE(call("DeleteSigningCertificate", {{"CertificateId", id}}));
  EXPECT_EQ(refused("UpdateSigningCertificate", {{"CertificateId", id}, {"Status", "Active"}}),
            IdentityErrc::not_found);
}

TEST_F(UserActions, ACertificateBelongsToOneUserOnly) {
  const auto body = testing::user_key("bea").certificate.pem();
  ASSERT_TRUE(call("UploadSigningCertificate", {{"CertificateBody", body}}));
  EXPECT_EQ(call_as(stranger, "UploadSigningCertificate", {{"CertificateBody", body}}).error().code,
            IdentityErrc::certificate_used);
  EXPECT_EQ(refused("UploadSigningCertificate", {{"CertificateBody", "no certificate"}}),
            IdentityErrc::bad_certificate);
}

TEST_F(UserActions, WhatIsNotOfferedIsRefusedByName) {
  EXPECT_EQ(refused("CreateUser", {{"UserName", "bea"}, {"Tags.member.1.Key", "k"}}),
            RequestErrc::unsupported_parameter);
  EXPECT_EQ(refused("CreateUser", {{"UserName", "bea"}, {"PermissionsBoundary", "arn"}}),
            RequestErrc::unsupported_parameter);
  EXPECT_EQ(refused("UpdateUser", {{"UserName", "bea"}, {"RegStatus", "CONFIRMED"}}),
            RequestErrc::unsupported_parameter);
}

TEST_F(UserActions, TheAdministratorKeepsTheUsersOfAnAccount) {
  const std::string ana = "ana";
  const auto as = [&](std::string_view action, Pairs pairs) {
    pairs.emplace_back("DelegateAccount", ana);
    return call_as(administrator, action, std::move(pairs));
  };
  ASSERT_TRUE(as("CreateUser", {{"UserName", "bea"}}));
  EXPECT_EQ(names(), (Names{"admin", "bea"}));
  // Without a name the account's root is meant.
  const auto key = as("CreateAccessKey", {}).value();
  EXPECT_EQ(key.find("AccessKey/UserName"), "admin");
  const auto id = *key.find("AccessKey/AccessKeyId");
  EXPECT_EQ(call("ListAccessKeys").value().find("AccessKeyMetadata/member/AccessKeyId"), id);
  ASSERT_TRUE(as("UpdateAccessKey", {{"AccessKeyId", id}, {"Status", "Inactive"}}));
  ASSERT_TRUE(as("DeleteAccessKey", {{"AccessKeyId", id}}));
  ASSERT_TRUE(as("DeleteUser", {{"UserName", "bea"}}));
  EXPECT_EQ(call_as(administrator, "ListUsers").value().all("Users/member").size(), 1u);
}

}  // namespace
}  // namespace angophora::clc
