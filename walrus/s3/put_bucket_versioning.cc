// PutBucketVersioning: turns it on or suspends it. What was written before stays the null version.
#include "walrus/documents/shape.h"
#include "walrus/s3/access.h"
#include "walrus/s3/body.h"
#include "walrus/s3/replies.h"
#include "walrus/store/buckets.h"

namespace angophora::walrus::put_bucket_versioning {
namespace {

constexpr std::size_t kDocumentBytesMax = 16 * 1024;
constexpr Shape kChildren[] = {{"Status", 0, 1}, {"MfaDelete", 0, 1}};
constexpr Shape kShape{"VersioningConfiguration", 1, 1, Shape::Holds::elements, {}, kChildren};

Result<Versioning> versioning_of(const xml::Element& document) {
  TRY_VOID(check_shape(document, kShape));
  if (document.text_of("MfaDelete") == "Enabled")
    return Error(S3Errc::not_implemented, "MFA Delete is not offered.");
  const auto status = document.text_of("Status");
  if (status.empty())
    return Error(S3Errc::illegal_versioning_configuration,
                 "The Versioning element must be specified");
  const auto versioning = parse_versioning(status);
  if (!versioning) return malformed_xml();
  return *versioning;
}

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY(const auto versioning, versioning_of(document));
  const Access access(call);
  auto write = [access, versioning](Tx& tx) -> Result<> {
    TRY(const auto bucket, find_bucket(tx, access, std::nullopt));
    if (bucket.object_lock && versioning != Versioning::enabled)
      return Error(
          S3Errc::invalid_bucket_state,
          "An Object Lock configuration is present on this bucket, so the versioning state "
          "cannot be changed.");
    return Buckets(tx).set_versioning(bucket.name, versioning);
  };
  CO_TRY_VOID(co_await s.db.write(std::move(write)));
  co_return empty_reply(200);
}

}  // namespace

extern const S3Operation PutBucketVersioning{.name = "PutBucketVersioning",
                                             .method = "PUT",
                                             .resource = Resource::bucket,
                                             .permission = "s3:PutBucketVersioning",
                                             .selector = "versioning",
                                             .run = run};

}  // namespace angophora::walrus::put_bucket_versioning
