// DeleteObject: gone, or never there, is the same answer.
#include "walrus/s3/commit.h"
#include "walrus/s3/replies.h"
#include "walrus/s3/serve_object.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(check_version(call));
  const Access access(call);
  const WriteConditions conditions(call);
  auto remove = [access, conditions](Tx& tx) -> Result<FreedBlobs> {
    TRY_VOID(find_bucket(tx, access, Permission::write));
    if (!conditions.if_match.empty()) {
      TRY(const auto there, Objects(tx).find_if_there(access.bucket, access.key));
      TRY_VOID(conditions.judge(there));
    }
    FreedBlobs freed;
    TRY_VOID(Objects(tx).remove(access.bucket, access.key, freed));
    return freed;
  };
  CO_TRY(auto freed, co_await s.db.write(std::move(remove)));
  discard_blobs(s, std::move(freed));
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation DeleteObject{.name = "DeleteObject",
                                      .method = "DELETE",
                                      .resource = Resource::object,
                                      .permission = "s3:DeleteObject",
                                      .run = run};

}  // namespace angophora::walrus
