// GetBucketLogging: what was put, and when.
#include "walrus/documents/logging.h"
#include "walrus/s3/access.h"
#include "walrus/s3/replies.h"
#include "walrus/store/bucket_settings.h"

namespace angophora::walrus::get_bucket_logging {
namespace {

struct Kept {
  std::optional<std::string> document;
  std::optional<common::SysTime> changed;
};

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  auto find = [access](Tx& tx) -> Result<Kept> {
    TRY_VOID(find_bucket(tx, access, std::nullopt));
    Kept kept;
    TRY(kept.document, BucketSettings(tx).find(access.bucket, "logging"));
    TRY(kept.changed, BucketSettings(tx).changed(access.bucket, "logging"));
    return kept;
  };
  CO_TRY(const auto kept, co_await s.db.read(std::move(find)));
  auto writer = start_xml(kLoggingShape.name);
  if (kept.document) writer.raw(*kept.document);
  auto response = xml_reply(std::move(writer));
  if (kept.changed) response.headers.add("Last-Modified", common::format_http_date(*kept.changed));
  co_return response;
}

}  // namespace

extern const S3Operation GetBucketLogging{.name = "GetBucketLogging",
                                          .method = "GET",
                                          .resource = Resource::bucket,
                                          .permission = "s3:GetBucketLogging",
                                          .selector = "logging",
                                          .run = run};

}  // namespace angophora::walrus::get_bucket_logging
