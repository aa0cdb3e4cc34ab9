#include "clc/testing/action_fixture.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

constexpr char kPublicKey[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPZMDJjOtTLLRNXqVeoEqvlZ3bGQ7s6b3oYtfNyqfhB ana@home";

class KeyPairActions : public testing::ActionFixture {
 public:
  Result<Reply> import(const std::string& name, std::string_view text = kPublicKey) {
    return call("ImportKeyPair",
                {{"KeyName", name}, {"PublicKeyMaterial", common::base64_encode(text)}});
  }
};

TEST_F(KeyPairActions, CreateHandsThePrivateKeyOutOnce) {
  const auto made = call("CreateKeyPair", {{"KeyName", "laptop"}});
  ASSERT_TRUE(made);
  EXPECT_TRUE(made.value().find("keyMaterial")->starts_with("-----BEGIN RSA PRIVATE KEY-----"));
  EXPECT_EQ(made.value().find("keyFingerprint")->size(), 59u);  // SHA-1 with colons
  const auto listed = call("DescribeKeyPairs");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed.value().find("keySet/item/keyFingerprint"), made.value().find("keyFingerprint"));
  EXPECT_FALSE(listed.value().find("keySet/item/keyMaterial"));
}

TEST_F(KeyPairActions, CreateRefusesANameThatIsTaken) {
  ASSERT_TRUE(import("laptop"));
  const auto again = call("CreateKeyPair", {{"KeyName", "laptop"}});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, KeyPairErrc::duplicate);
}

TEST_F(KeyPairActions, CreateRefusesOtherTypesByName) {
  const auto refused = call("CreateKeyPair", {{"KeyName", "k"}, {"KeyType", "ed25519"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, RequestErrc::invalid_value);
}

TEST_F(KeyPairActions, ImportKeepsThePublicKey) {
  ASSERT_TRUE(import("laptop"));
  const auto listed = call("DescribeKeyPairs", {{"IncludePublicKey", "true"}});
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed.value().find("keySet/item/publicKey"), kPublicKey);
  EXPECT_EQ(listed.value().find("keySet/item/keyType"), "ed25519");
}

TEST_F(KeyPairActions, ImportRefusesWhatIsNoKey) {
  const auto refused = import("laptop", "not a key");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, KeyPairErrc::bad_format);
}

TEST_F(KeyPairActions, NamesMustBePrintable) {
  for (const auto* name : {"", " ", "a\nb", "trailing "}) {
    const auto refused = import(name);
    ASSERT_FALSE(refused) << name;
  }
  EXPECT_TRUE(import(std::string(255, 'k')));
  EXPECT_FALSE(import(std::string(256, 'k')));
}

TEST_F(KeyPairActions, DescribeNamesAKeyThatIsNotThere) {
  ASSERT_TRUE(import("laptop"));
  const auto refused = call("DescribeKeyPairs", {{"KeyName.1", "laptop"}, {"KeyName.2", "gone"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, KeyPairErrc::not_found);
  EXPECT_EQ(refused.error().message, "The key pair 'gone' does not exist");
}

TEST_F(KeyPairActions, DescribeTakesListsFromZeroAndFilters) {
  ASSERT_TRUE(import("laptop"));
  ASSERT_TRUE(import("desktop"));
  const auto from_zero = call("DescribeKeyPairs", {{"KeyName.0", "laptop"}});
  ASSERT_TRUE(from_zero);
  EXPECT_EQ(from_zero.value().all("keySet/item").size(), 1u);
  const auto filtered =
      call("DescribeKeyPairs", {{"Filter.1.Name", "key-name"}, {"Filter.1.Value.1", "*top"}});
  ASSERT_TRUE(filtered);
  EXPECT_EQ(filtered.value().all("keySet/item").size(), 2u);
}

TEST_F(KeyPairActions, AccountsDoNotSeeEachOthersKeys) {
  ASSERT_TRUE(import("laptop"));
  const auto listed = call_as(stranger, "DescribeKeyPairs");
  ASSERT_TRUE(listed);
  EXPECT_TRUE(listed.value().all("keySet/item").empty());
  ASSERT_TRUE(call_as(stranger, "DeleteKeyPair", {{"KeyName", "laptop"}}));
  EXPECT_EQ(call("DescribeKeyPairs").value().all("keySet/item").size(), 1u);
}

TEST_F(KeyPairActions, DeleteTakesOneThatIsNotThereAsDeleted) {
  ASSERT_TRUE(import("laptop"));
  EXPECT_TRUE(call("DeleteKeyPair", {{"KeyName", "laptop"}}));
  EXPECT_TRUE(call("DeleteKeyPair", {{"KeyName", "laptop"}}));
  EXPECT_FALSE(call("DeleteKeyPair"));
  EXPECT_TRUE(call("DescribeKeyPairs").value().all("keySet/item").empty());
}

TEST_F(KeyPairActions, AnAccountCannotFillTheCloudWithKeys) {
  properties.set("cloud.key_pairs_max", "1");
  ASSERT_TRUE(import("one"));
  const auto refused = import("two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, KeyPairErrc::too_many);
}

}  // namespace
}  // namespace angophora::clc
