// GetObjectLegalHold: whether a version is held.
#include "walrus/s3/object_lock_calls.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::get_object_legal_hold {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(co_await check_bucket_locks(s, call));
  CO_TRY(const auto object, co_await read_version(s, call));
  auto writer = start_xml("LegalHold");
  writer.element("Status", object.legal_hold ? "ON" : "OFF");
  co_return xml_reply(std::move(writer));
}

}  // namespace

extern const S3Operation GetObjectLegalHold{.name = "GetObjectLegalHold",
                                            .method = "GET",
                                            .resource = Resource::object,
                                            .permission = "s3:GetObjectLegalHold",
                                            .selector = "legal-hold",
                                            .run = run};

}  // namespace angophora::walrus::get_object_legal_hold
