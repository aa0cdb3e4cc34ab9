// PutBucketAcl: a canned list, grants in headers, or a document.
#include "walrus/s3/access.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/body.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/replies.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus::put_bucket_acl {
namespace {

constexpr std::size_t kDocumentBytesMax = 256 * 1024;

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) { return find_bucket(tx, access, Permission::write_acp); };
  CO_TRY(const auto bucket, co_await s.db.read(find));
  Acl acl;
  if (has_acl_headers(call)) {
    CO_TRY(acl, acl_of_headers(call, bucket.acl.owner, ""));
  } else {
    CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
    CO_TRY(acl, acl_of_document(document, bucket.acl, *s.identities.identities()));
  }
  auto write = [find, acl](Tx& tx) -> Result<> {
    TRY(const auto there, find(tx));
    TRY_VOID(check_put_acl(tx, there.name, acl));
    return Buckets(tx).set_acl(there.name, acl);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutBucketAcl{.name = "PutBucketAcl",
                                      .method = "PUT",
                                      .resource = Resource::bucket,
                                      .permission = "s3:PutBucketAcl",
                                      .selector = "acl",
                                      .run = run};

}  // namespace angophora::walrus::put_bucket_acl
