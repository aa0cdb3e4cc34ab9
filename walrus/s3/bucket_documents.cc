#include "walrus/s3/bucket_documents.h"

#include "walrus/documents/bucket_access.h"
#include "walrus/documents/cors.h"
#include "walrus/documents/encryption_rule.h"
#include "walrus/documents/lifecycle.h"
#include "walrus/documents/object_lock.h"
#include "walrus/documents/tagging.h"
#include "walrus/s3/access.h"
#include "walrus/s3/body.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kDocumentBytesMax = 256 * 1024;

void complete_lifecycle(common::Runtime& runtime, xml::Element& root) {
  name_lifecycle_rules(root, [&runtime] { return runtime.random_hex(48); });
}

// Amazon answers all four switches.
void complete_public_access(common::Runtime&, xml::Element& root) {
  for (const auto* name :
       {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"}) {
    if (root.child(name)) continue;
    xml::Element off;
    off.name = name;
    off.text = "false";
    root.children.push_back(std::move(off));
  }
}

Result<> apply_object_lock(Tx& tx, const Bucket& bucket, const xml::Element&) {
  if (bucket.object_lock) return common::ok();
  if (bucket.versioning != Versioning::enabled)
    return Error(S3Errc::invalid_bucket_state,
                 "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
  return Buckets(tx).set_object_lock(bucket.name);
}

// Without lists nobody else may be in the one that is there.
Result<> apply_ownership(Tx&, const Bucket& bucket, const xml::Element& root) {
  if (ownership_of(root) != Ownership::bucket_owner_enforced) return common::ok();
  for (const auto& grant : bucket.acl.grants)
    if (grant.group || grant.grantee != bucket.acl.owner)
      return Error(S3Errc::invalid_bucket_acl_with_ownership,
                   "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced "
                   "setting");
  return common::ok();
}

constexpr BucketDocument kCors{"cors",
                               &kCorsShape,
                               check_cors,
                               nullptr,
                               nullptr,
                               S3Errc::no_such_cors_configuration,
                               "The CORS configuration does not exist"};
constexpr BucketDocument kTagging{
    "tagging", &kTaggingShape,          check_bucket_tagging,        nullptr,
    nullptr,   S3Errc::no_such_tag_set, "The TagSet does not exist", 204};
constexpr BucketDocument kLifecycle{"lifecycle",
                                    &kLifecycleShape,
                                    check_lifecycle,
                                    complete_lifecycle,
                                    nullptr,
                                    S3Errc::no_such_lifecycle_configuration,
                                    "The lifecycle configuration does not exist"};
constexpr BucketDocument kEncryption{"encryption",
                                     &kEncryptionShape,
                                     check_encryption,
                                     nullptr,
                                     nullptr,
                                     S3Errc::no_such_encryption_configuration,
                                     "The server side encryption configuration was not found"};
constexpr BucketDocument kOwnershipControls{"ownershipControls",
                                            &kOwnershipShape,
                                            nullptr,
                                            nullptr,
                                            apply_ownership,
                                            S3Errc::no_such_ownership_controls,
                                            "The bucket ownership controls were not found"};
constexpr BucketDocument kPublicAccessBlock{"publicAccessBlock",
                                            &kPublicAccessShape,
                                            nullptr,
                                            complete_public_access,
                                            nullptr,
                                            S3Errc::no_such_public_access_block,
                                            "The public access block configuration was not found"};
constexpr BucketDocument kObjectLockConfiguration{
    "object-lock",
    &kObjectLockShape,
    check_object_lock,
    nullptr,
    apply_object_lock,
    S3Errc::no_such_object_lock_configuration,
    "Object Lock configuration does not exist for this bucket",
    200,
    false};

constexpr BucketDocument kRequestPayment{.parameter = "requestPayment",
                                         .shape = &kPaymentShape,
                                         .missing = S3Errc::none,
                                         .missing_message = {},
                                         .can_be_deleted = false,
                                         .default_content = "<Payer>BucketOwner</Payer>"};

template <const BucketDocument& document>
Task<http::Response> get(Services& services, S3Call& call) {
  return get_bucket_document(services, call, document);
}
template <const BucketDocument& document>
Task<http::Response> put(Services& services, S3Call& call) {
  return put_bucket_document(services, call, document);
}
template <const BucketDocument& document>
Task<http::Response> remove(Services& services, S3Call& call) {
  return delete_bucket_document(services, call, document);
}

}  // namespace

Task<http::Response> get_bucket_document(Services& services, S3Call& call,
                                         const BucketDocument& document) {
  const Access access(call);
  auto find = [access, &document](Tx& tx) -> Result<std::optional<std::string>> {
    TRY_VOID(find_bucket(tx, access, std::nullopt));
    return BucketSettings(tx).find(access.bucket, document.parameter);
  };
  CO_TRY(const auto kept, co_await services.db.read(std::move(find)));
  if (!kept && document.default_content.empty())
    co_return Error(document.missing, std::string(document.missing_message));
  auto writer = start_xml(document.shape->name);
  writer.raw(kept ? std::string_view(*kept) : document.default_content);
  co_return xml_reply(std::move(writer));
}

Task<http::Response> put_bucket_document(Services& services, S3Call& call,
                                         const BucketDocument& document) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, std::nullopt); };
  CO_TRY_VOID(co_await services.db.read(find));
  CO_TRY(auto root, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY_VOID(check_shape(root, *document.shape));
  if (document.check) CO_TRY_VOID(document.check(root));
  if (document.complete) document.complete(services.runtime, root);
  const auto now = services.runtime.now();
  auto write = [find, root, &document, now](Tx& tx) -> Result<> {
    TRY(const auto bucket, find(tx));
    if (document.apply) TRY_VOID(document.apply(tx, bucket, root));
    return BucketSettings(tx).put(bucket.name, document.parameter, inner_xml(root, *document.shape),
                                  now);
  };
  CO_TRY_VOID(co_await services.db.write(std::move(write)));
  co_return empty_reply(document.put_status);
}

Task<http::Response> delete_bucket_document(Services& services, S3Call& call,
                                            const BucketDocument& document) {
  if (!document.can_be_deleted)
    co_return Error(S3Errc::method_not_allowed,
                    "The specified method is not allowed against this resource.");
  const Access access(call);
  auto write = [access, &document](Tx& tx) -> Result<> {
    TRY_VOID(find_bucket(tx, access, std::nullopt));
    return BucketSettings(tx).remove(access.bucket, document.parameter);
  };
  CO_TRY_VOID(co_await services.db.write(std::move(write)));
  co_return empty_reply(204);
}

namespace bucket_documents {
#define BUCKET_DOCUMENT(Name, parameter, read_action, write_action)         \
  extern const S3Operation GetBucket##Name{.name = "GetBucket" #Name,       \
                                           .method = "GET",                 \
                                           .resource = Resource::bucket,    \
                                           .permission = read_action,       \
                                           .selector = parameter,           \
                                           .run = get<k##Name>};            \
  extern const S3Operation PutBucket##Name{.name = "PutBucket" #Name,       \
                                           .method = "PUT",                 \
                                           .resource = Resource::bucket,    \
                                           .permission = write_action,      \
                                           .selector = parameter,           \
                                           .run = put<k##Name>};            \
  extern const S3Operation DeleteBucket##Name{.name = "DeleteBucket" #Name, \
                                              .method = "DELETE",           \
                                              .resource = Resource::bucket, \
                                              .permission = write_action,   \
                                              .selector = parameter,        \
                                              .run = remove<k##Name>};
#include "walrus/s3/bucket_documents.inc"
#undef BUCKET_DOCUMENT
}  // namespace bucket_documents

}  // namespace angophora::walrus
