// Passwords of users and what accounts ask of them.
#include "clc/domain/passwords.h"

#include <gtest/gtest.h>

#include "clc/domain/identity.h"
#include "clc/store/login_profiles.h"
#include "clc/testing/iam_fixture.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using testing::Pairs;

class Passwords : public testing::IamFixture {
 protected:
  Passwords() {
    EXPECT_EQ(done("CreateUser", {{"UserName", "bea"}}), std::error_code());
    bea = caller_named(caller.account, "bea");
  }
  std::error_code done_by(const Caller& who, std::string_view action, Pairs pairs) {
    const auto reply = call_as(who, action, std::move(pairs));
    return reply ? std::error_code() : reply.error().code;
  }
  std::error_code done(std::string_view action, Pairs pairs = {}) {
    return done_by(caller, action, std::move(pairs));
  }
  std::error_code create(const std::string& password) {
    return done("CreateLoginProfile", {{"UserName", "bea"}, {"Password", password}});
  }
  std::error_code set(const std::string& password) {
    return done("UpdateLoginProfile", {{"UserName", "bea"}, {"Password", password}});
  }
  std::error_code change(const std::string& before, const std::string& after) {
    return done_by(bea, "ChangePassword", {{"OldPassword", before}, {"NewPassword", after}});
  }
  std::optional<LoginProfile> kept() {
    return write([this](Tx& tx) { return LoginProfiles(tx).find(bea.user); }).value();
  }
  Caller bea;
};

constexpr char kGood[] = "Cheese-4-breakfast";
constexpr char kOther[] = "Bread-5-evenings";

TEST_F(Passwords, AreKeptAsAHashThatOpensNothing) {
  EXPECT_EQ(done("GetLoginProfile", {{"UserName", "bea"}}), IdentityErrc::not_found);
  ASSERT_EQ(create(kGood), std::error_code());
  const auto hash = kept()->hash;
  EXPECT_EQ(hash.find(kGood), std::string::npos);
  EXPECT_TRUE(hash.starts_with("scrypt:"));
  EXPECT_TRUE(is_password(kGood, hash).value());
  EXPECT_FALSE(is_password(kOther, hash).value());
  EXPECT_FALSE(is_password("", hash).value());
  EXPECT_FALSE(is_password(kGood, "scrypt:x"));
  EXPECT_NE(hash_password(kGood, "another salt 123").value(), hash);
  const auto seen = call("GetLoginProfile", {{"UserName", "bea"}}).value();
  EXPECT_EQ(seen.find("LoginProfile/UserName"), "bea");
  EXPECT_EQ(seen.find("LoginProfile/PasswordResetRequired"), "false");
}

TEST_F(Passwords, ComeChangeAndGo) {
  EXPECT_EQ(set(kGood), IdentityErrc::not_found);
  EXPECT_EQ(create(kGood), std::error_code());
  EXPECT_EQ(create(kOther), IdentityErrc::exists);
  EXPECT_EQ(set(kOther), std::error_code());
  EXPECT_TRUE(is_password(kOther, kept()->hash).value());
  EXPECT_EQ(done("UpdateLoginProfile", {{"UserName", "bea"}, {"PasswordResetRequired", "true"}}),
            std::error_code());
  EXPECT_TRUE(kept()->must_change);
  EXPECT_TRUE(is_password(kOther, kept()->hash).value()) << "the password stays";
  EXPECT_EQ(done("DeleteLoginProfile", {{"UserName", "bea"}}), std::error_code());
  EXPECT_EQ(done("DeleteLoginProfile", {{"UserName", "bea"}}), IdentityErrc::not_found);
  EXPECT_FALSE(kept());
}

TEST_F(Passwords, AreChangedByTheirUserWithTheOldOne) {
  EXPECT_EQ(change(kGood, kOther), IdentityErrc::not_found);
  ASSERT_EQ(done("CreateLoginProfile",
                 {{"UserName", "bea"}, {"Password", kGood}, {"PasswordResetRequired", "true"}}),
            std::error_code());
  EXPECT_EQ(change(kOther, kOther), PasswordErrc::wrong);
  EXPECT_EQ(change(kGood, "short"), PasswordErrc::violates_policy);
  EXPECT_EQ(change(kGood, kOther), std::error_code());
  EXPECT_FALSE(kept()->must_change);
  EXPECT_EQ(change(kGood, kOther), PasswordErrc::wrong);
}

TEST_F(Passwords, WithoutAPolicyHaveEightCharactersOfThreeKinds) {
  for (const auto* bad : {"", "Aa1", "abcdefgh", "Abcdefgh", "abcdefg1", "Tab\tbed-1"})
    EXPECT_NE(create(bad), std::error_code()) << bad;
  EXPECT_EQ(create(std::string(126, 'a') + "B1-"), PasswordErrc::violates_policy);
  EXPECT_EQ(create("Abcdefg1"), std::error_code());
  EXPECT_EQ(check_password(nullptr, "Bea-Bea-1", "bea-bea-1").error().code,
            PasswordErrc::violates_policy);
}

TEST_F(Passwords, ArePutToThePolicyOfTheAccount) {
  EXPECT_EQ(done("GetAccountPasswordPolicy"), IdentityErrc::not_found);
  ASSERT_EQ(done("UpdateAccountPasswordPolicy", {{"MinimumPasswordLength", "10"},
                                                 {"RequireSymbols", "true"},
                                                 {"RequireNumbers", "true"},
                                                 {"RequireUppercaseCharacters", "true"},
                                                 {"RequireLowercaseCharacters", "true"},
                                                 {"MaxPasswordAge", "30"}}),
            std::error_code());
  const auto seen = call("GetAccountPasswordPolicy").value();
  EXPECT_EQ(seen.find("PasswordPolicy/MinimumPasswordLength"), "10");
  EXPECT_EQ(seen.find("PasswordPolicy/ExpirePasswords"), "true");
  EXPECT_EQ(seen.find("PasswordPolicy/MaxPasswordAge"), "30");
  EXPECT_FALSE(seen.find("PasswordPolicy/PasswordReusePrevention"));
  for (const auto* bad : {"Short-1", "Abcdefghij1", "Abcdefghij-", "abcdefghi-1", "ABCDEFGHI-1"})
    EXPECT_EQ(create(bad), PasswordErrc::violates_policy) << bad;
  EXPECT_EQ(create("Abcdefghi-1"), std::error_code());
  ASSERT_EQ(done("UpdateAccountPasswordPolicy"), std::error_code());
  EXPECT_EQ(set("simple"), std::error_code()) << "what is not said is as AWS has it";
  EXPECT_EQ(done("DeleteAccountPasswordPolicy"), std::error_code());
  EXPECT_EQ(done("DeleteAccountPasswordPolicy"), IdentityErrc::not_found);
  EXPECT_EQ(set("simple"), PasswordErrc::violates_policy);
  for (const Pairs& bad : {Pairs{{"MinimumPasswordLength", "5"}}, Pairs{{"MaxPasswordAge", "0"}},
                           Pairs{{"PasswordReusePrevention", "25"}}})
    EXPECT_EQ(done("UpdateAccountPasswordPolicy", bad), RequestErrc::invalid_value);
}

TEST_F(Passwords, FormerOnesDoNotComeBack) {
  ASSERT_EQ(create(kGood), std::error_code());
  ASSERT_EQ(set(kOther), std::error_code());
  EXPECT_EQ(set(kGood), std::error_code()) << "nothing forbids it";
  ASSERT_EQ(done("UpdateAccountPasswordPolicy", {{"PasswordReusePrevention", "2"}}),
            std::error_code());
  EXPECT_EQ(set(kGood), PasswordErrc::violates_policy);
  EXPECT_EQ(set(kOther), PasswordErrc::violates_policy);
  EXPECT_EQ(set("Third-one-3"), std::error_code());
  EXPECT_EQ(set(kOther), std::error_code()) << "two are in between";
}

TEST_F(Passwords, AnExpiredOneIsChangedByAdministratorsAlone) {
  ASSERT_EQ(create(kGood), std::error_code());
  ASSERT_EQ(done("UpdateAccountPasswordPolicy", {{"MaxPasswordAge", "2"}, {"HardExpiry", "true"}}),
            std::error_code());
  world.run_for(std::chrono::hours(47));
  EXPECT_EQ(change(kGood, kOther), std::error_code());
  world.run_for(std::chrono::hours(49));
  EXPECT_EQ(change(kOther, kGood), PasswordErrc::expired);
  EXPECT_EQ(set(kGood), std::error_code());
  EXPECT_EQ(change(kGood, kOther), std::error_code());
}

TEST_F(Passwords, KeepTheirUserUntilTheyAreGone) {
  ASSERT_EQ(create(kGood), std::error_code());
  EXPECT_EQ(done("DeleteUser", {{"UserName", "bea"}}), IdentityErrc::conflict);
  EXPECT_EQ(done("DeleteUser", {{"UserName", "bea"}, {"IsRecursive", "true"}}), std::error_code());
  EXPECT_FALSE(kept());
  const auto former = [this](Tx& tx) { return LoginProfiles(tx).last_hashes(bea.user, 9); };
  EXPECT_TRUE(write(former).value().empty());
}

TEST_F(Passwords, AreInTheCredentialReport) {
  ASSERT_EQ(create(kGood), std::error_code());
  ASSERT_EQ(done("UpdateAccountPasswordPolicy", {{"MaxPasswordAge", "1"}}), std::error_code());
  const auto content = call("GetCredentialReport").value().find("Content").value();
  const auto table = common::base64_decode(content).value();
  const auto at = table.find("\nbea,");
  const auto line = table.substr(at + 1, table.find('\n', at + 1) - at - 1);
  const auto cells = common::split(line, ',');
  ASSERT_GT(cells.size(), 7u);
  EXPECT_EQ(cells[3], "true");
  EXPECT_EQ(cells[5], common::format_iso8601(kept()->changed_at));
  EXPECT_EQ(cells[6], common::format_iso8601(kept()->changed_at + std::chrono::hours(24)));
}

TEST_F(Passwords, OfOthersAreNobodysBusiness) {
  ASSERT_EQ(create(kGood), std::error_code());
  for (const auto* action : {"GetLoginProfile", "DeleteLoginProfile", "UpdateLoginProfile"})
    EXPECT_EQ(done_by(stranger, action, {{"UserName", "bea"}}), IdentityErrc::not_found);
  EXPECT_EQ(
      done_by(stranger, "GetAccountPasswordPolicy", {{"DelegateAccount", caller.account.value}}),
      RequestErrc::not_permitted);
}

}  // namespace
}  // namespace angophora::clc
