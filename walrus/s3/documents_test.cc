#include "walrus/s3/documents.h"

#include <gtest/gtest.h>

#include "walrus/domain/s3_errors.h"
#include "walrus/s3/acl_document.h"

namespace angophora::walrus {
namespace {

Result<DeleteRequest> read_delete(const std::string& text) {
  return parse_delete(xml::read(text).value());
}
Result<CompleteRequest> read_complete(const std::string& text) {
  return parse_complete(xml::read(text).value());
}
std::string part(const std::string& number, const std::string& etag) {
  return "<Part><PartNumber>" + number + "</PartNumber><ETag>" + etag + "</ETag></Part>";
}

TEST(DeleteDocument, NamesKeysExactly) {
  const auto request = read_delete(
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>"
      "<Object><Key> a&#x0a;b </Key></Object><Object><Key>k</Key><VersionId>null</VersionId>"
      "</Object></Delete>");
  ASSERT_TRUE(request);
  EXPECT_TRUE(request.value().quiet);
  EXPECT_EQ(request.value().items[0].key, " a\nb ");
  EXPECT_EQ(request.value().items[1].version_id, "null");
}

TEST(DeleteDocument, RefusesOtherShapesAndTooManyKeys) {
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>k</Key></Object>";
  for (const auto& text : {std::string("<Other/>"), std::string("<Delete/>"),
                           std::string("<Delete><Object/></Delete>"), many + "</Delete>"})
    EXPECT_EQ(read_delete(text).error().code, S3Errc::malformed_xml);
}

TEST(CompleteDocument, TakesTagsWithAndWithoutQuotes) {
  const auto request = read_complete("<CompleteMultipartUpload>" + part("1", "&quot;aa&quot;") +
                                     part("3", "bb") + "</CompleteMultipartUpload>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request.value().items[0].etag, "aa");
  EXPECT_EQ(request.value().items[1].number, 3);
}

TEST(CompleteDocument, WantsRisingNumbersInRange) {
  const auto code = [](const std::string& parts) {
    return read_complete("<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>")
        .error()
        .code;
  };
  EXPECT_EQ(code(part("2", "a") + part("1", "b")), S3Errc::invalid_part_order);
  EXPECT_EQ(code(part("1", "a") + part("1", "b")), S3Errc::invalid_part_order);
  EXPECT_EQ(code(part("0", "a")), S3Errc::malformed_xml);
  EXPECT_EQ(code(part("10001", "a")), S3Errc::malformed_xml);
  EXPECT_EQ(code(part("x", "a")), S3Errc::malformed_xml);
  EXPECT_EQ(code(""), S3Errc::malformed_xml);
}

class AclDocument : public testing::Test {
 protected:
  AclDocument() : identities_(list()) {}
  static IdentityList list() {
    IdentityList list;
    list.accounts = {{common::AccountId("1"), "one", "c1"}, {common::AccountId("2"), "two", "c2"}};
    return list;
  }
  Result<Acl> read(const std::string& owner, const std::string& grantee,
                   const std::string& permission) {
    const auto root = xml::read("<AccessControlPolicy><Owner><ID>" + owner +
                                "</ID></Owner><AccessControlList><Grant><Grantee>" + grantee +
                                "</Grantee><Permission>" + permission +
                                "</Permission></Grant></AccessControlList></AccessControlPolicy>");
    return acl_of_document(root.value(), Acl{"c1", {}}, identities_);
  }
  Identities identities_;
};

TEST_F(AclDocument, GrantsToAccountsAndGroups) {
  const auto to_account = read("c1", "<ID>c2</ID>", "READ_ACP");
  ASSERT_TRUE(to_account);
  EXPECT_EQ(to_account.value().grants[0], (Grant{false, "c2", Permission::read_acp}));
  const auto to_group = read("c1", "<URI>" + std::string(kAllUsers) + "</URI>", "READ");
  ASSERT_TRUE(to_group);
  EXPECT_TRUE(allows(to_group.value(), Asker{""}, Permission::read));
}

TEST_F(AclDocument, IsTheSameAfterItWasWritten) {
  const auto acl = *canned_acl("public-read-write", "c1", "");
  const auto reply = acl_reply(acl, identities_);
  const auto root = xml::read(std::get<std::string>(reply.body));
  ASSERT_TRUE(root);
  EXPECT_EQ(acl_of_document(root.value(), Acl{"c1", {}}, identities_).value(), acl);
}

TEST_F(AclDocument, RefusesOtherOwnersUnknownGranteesAndNonsense) {
  EXPECT_EQ(read("c2", "<ID>c2</ID>", "READ").error().code, S3Errc::access_denied);
  EXPECT_EQ(read("c1", "<ID>c9</ID>", "READ").error().code, S3Errc::invalid_argument);
  EXPECT_EQ(read("c1", "<ID>c2</ID>", "FLY").error().code, S3Errc::malformed_acl);
  EXPECT_EQ(read("c1", "", "READ").error().code, S3Errc::malformed_acl);
  EXPECT_EQ(read("c1", "<EmailAddress>a@b</EmailAddress>", "READ").error().code,
            S3Errc::unresolvable_grant_by_email);
}

}  // namespace
}  // namespace angophora::walrus
