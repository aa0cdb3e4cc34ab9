// HeadObject: all that GetObject says but the bytes.
#include "walrus/s3/access.h"
#include "walrus/s3/serve_object.h"

namespace angophora::walrus {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(check_version(call));
  const Access access(call);
  auto find = [access](Tx& tx) { return find_object(tx, access, Permission::read); };
  CO_TRY(const auto object, co_await s.db.read(std::move(find)));
  CO_TRY(auto reply, reply_of_object(call, object));
  co_return std::move(reply.response);
}

}  // namespace

extern const S3Operation HeadObject{.name = "HeadObject",
                                    .method = "HEAD",
                                    .resource = Resource::object,
                                    .permission = "s3:GetObject",
                                    .run = run};

}  // namespace angophora::walrus
