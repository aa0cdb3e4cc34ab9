#include "walrus/s3/copy_source.h"

#include "walrus/s3/object_headers.h"

namespace angophora::walrus {

Task<Object> find_copy_source(Services& services, S3Call& call) {
  CO_TRY(auto source, parse_copy_source(call.header("x-amz-copy-source")));
  Access access(call);
  access.bucket = std::move(source.bucket);
  access.key = std::move(source.key);
  access.version = std::move(source.version);
  access.action = access.version.empty() ? "s3:GetObject" : "s3:GetObjectVersion";
  access.expected_owner = std::nullopt;
  auto find = [access](Tx& tx) { return find_object(tx, access, Permission::read); };
  CO_TRY(auto object, co_await services.db.read(std::move(find)));
  if (object.delete_marker && access.version.empty())
    co_return Error(S3Errc::no_such_key, "The specified key does not exist.");
  if (object.delete_marker)
    co_return Error(S3Errc::invalid_request,
                    "The source of a copy request may not specifically refer to a delete marker by "
                    "version id.");
  const auto conditions = conditions_of(call, "x-amz-copy-source-");
  if (judge(conditions, object.etag, object.changed) != Verdict::proceed)
    co_return Error(S3Errc::precondition_failed,
                    "At least one of the pre-conditions you specified did not hold");
  co_return object;
}

}  // namespace angophora::walrus
