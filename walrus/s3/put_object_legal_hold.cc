// PutObjectLegalHold: holds a version until somebody lets it go.
#include "walrus/documents/object_lock.h"
#include "walrus/s3/body.h"
#include "walrus/s3/object_lock_calls.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::put_object_legal_hold {
namespace {

constexpr std::size_t kDocumentBytesMax = 16 * 1024;

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(co_await check_bucket_locks(s, call));
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY_VOID(check_shape(document, kLegalHoldShape));
  const bool hold = legal_hold_of(document);
  ChangeVersion change = [hold](Tx& tx, const Bucket&, Object& object) {
    object.legal_hold = hold;
    return Objects(tx).set_lock(object);
  };
  CO_TRY_VOID(co_await change_version(s, call, std::move(change)));
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutObjectLegalHold{.name = "PutObjectLegalHold",
                                            .method = "PUT",
                                            .resource = Resource::object,
                                            .permission = "s3:PutObjectLegalHold",
                                            .selector = "legal-hold",
                                            .run = run};

}  // namespace angophora::walrus::put_object_legal_hold
