// GetObject: the bytes, or a range of them, straight from the file.
#include "walrus/s3/access.h"
#include "walrus/s3/content.h"
#include "walrus/s3/serve_object.h"

namespace angophora::walrus {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY_VOID(check_version(call));
  const Access access(call);
  FindObject find = [access](Tx& tx) { return find_object(tx, access, Permission::read); };
  CO_TRY(auto open, co_await open_object(s, std::move(find)));
  CO_TRY(auto reply, reply_of_object(call, open.object));
  set_content(s, std::move(open), reply.range, reply.response);
  co_return std::move(reply.response);
}

}  // namespace

extern const S3Operation GetObject{.name = "GetObject",
                                   .method = "GET",
                                   .resource = Resource::object,
                                   .permission = "s3:GetObject",
                                   .run = run};

}  // namespace angophora::walrus
