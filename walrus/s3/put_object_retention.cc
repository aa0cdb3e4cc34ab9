// PutObjectRetention: a longer one is always possible; a shorter one, or none, takes the right to
// bypass governance, and under compliance nobody has it.
#include "walrus/documents/object_lock.h"
#include "walrus/s3/body.h"
#include "walrus/s3/deletion.h"
#include "walrus/s3/object_lock_calls.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::put_object_retention {
namespace {

constexpr std::size_t kDocumentBytesMax = 16 * 1024;

bool weakens(const Retention& old, const std::optional<Retention>& wanted) {
  if (!wanted || wanted->until < old.until) return true;
  return old.compliance && !wanted->compliance;
}

// A change of mode in governance takes the bypass as well.
bool needs_bypass(const Retention& old, const std::optional<Retention>& wanted) {
  return weakens(old, wanted) || wanted->compliance != old.compliance;
}

Result<> check_change(const Object& object, const std::optional<Retention>& wanted, bool bypasses,
                      common::SysTime now) {
  const auto& old = object.retention;
  if (!old || old->until <= now || !needs_bypass(*old, wanted)) return common::ok();
  if (old->compliance || !bypasses)
    return Error(S3Errc::access_denied, "Access Denied because object protected by object lock.");
  return common::ok();
}

Result<std::optional<Retention>> read_retention(const xml::Element& document, common::SysTime now) {
  TRY_VOID(check_shape(document, kRetentionShape));
  if (!document.child("Mode") != !document.child("RetainUntilDate")) return malformed_xml();
  const auto wanted = retention_of(document);
  if (wanted && wanted->until <= now)
    return Error(S3Errc::invalid_argument, "The retain until date must be in the future!");
  return wanted;
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(co_await check_bucket_locks(s, call));
  const auto now = s.runtime.now();
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY(const auto wanted, read_retention(document, now));
  const Access access(call);
  const bool bypasses = wants_bypass(call);
  ChangeVersion change = [=](Tx& tx, const Bucket& bucket, Object& object) -> Result<> {
    if (bypasses)
      TRY_VOID(may(access.about("s3:BypassGovernanceRetention", access.key), bucket, std::nullopt));
    TRY_VOID(check_change(object, wanted, bypasses, now));
    object.retention = wanted;
    return Objects(tx).set_lock(object);
  };
  CO_TRY_VOID(co_await change_version(s, call, std::move(change)));
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutObjectRetention{.name = "PutObjectRetention",
                                            .method = "PUT",
                                            .resource = Resource::object,
                                            .permission = "s3:PutObjectRetention",
                                            .selector = "retention",
                                            .run = run};

}  // namespace angophora::walrus::put_object_retention
