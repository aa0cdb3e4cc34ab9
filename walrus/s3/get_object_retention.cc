// GetObjectRetention: until when a version may not be deleted.
#include "walrus/documents/object_lock.h"
#include "walrus/s3/object_lock_calls.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_object_retention {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(co_await check_bucket_locks(s, call));
  CO_TRY(const auto object, co_await read_version(s, call));
  if (!object.retention)
    co_return Error(S3Errc::no_such_lock_on_object,
                    "The specified object does not have a ObjectLock configuration");
  auto writer = start_xml("Retention");
  writer.element("Mode", mode_name(*object.retention));
  writer.element("RetainUntilDate", common::format_iso8601(object.retention->until));
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetObjectRetention{.name = "GetObjectRetention",
                                            .method = "GET",
                                            .resource = Resource::object,
                                            .permission = "s3:GetObjectRetention",
                                            .selector = "retention",
                                            .run = run};

}  // namespace angophora::walrus::get_object_retention
