// PutObjectAcl: a canned list, grants in headers, or a document.
#include "walrus/s3/access.h"
#include "walrus/s3/acl_document.h"
#include "walrus/s3/body.h"
#include "walrus/s3/destination.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::put_object_acl {
namespace {

constexpr std::size_t kDocumentBytesMax = 256 * 1024;

struct Found {
  Object object;
  Bucket bucket;
};

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) -> Result<Found> {
    Found found;
    TRY(found.object, find_object(tx, access, Permission::write_acp));
    TRY(found.bucket, find_bucket_unchecked(tx, access));
    return found;
  };
  CO_TRY(const auto found, co_await s.db.read(find));
  CO_TRY_VOID(refuse_marker(call, found.object));
  Acl acl;
  if (has_acl_headers(call)) {
    CO_TRY(acl, acl_of_headers(call, found.object.acl.owner, found.bucket.acl.owner));
  } else {
    CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
    CO_TRY(acl, acl_of_document(document, found.object.acl, *s.identities.identities()));
  }
  auto write = [find, acl](Tx& tx) -> Result<> {
    TRY(const auto there, find(tx));
    TRY_VOID(check_put_acl(tx, there.bucket.name, acl));
    return Objects(tx).set_acl(there.object, acl);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutObjectAcl{.name = "PutObjectAcl",
                                      .method = "PUT",
                                      .resource = Resource::object,
                                      .permission = "s3:PutObjectAcl",
                                      .selector = "acl",
                                      .run = run};

}  // namespace angophora::walrus::put_object_acl
