// DeleteObjectTagging: a version without tags.
#include "walrus/s3/object_headers.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::delete_object_tagging {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  ChangeVersion change = [](Tx& tx, const Bucket&, Object& object) {
    return Objects(tx).set_tags(object, {});
  };
  CO_TRY(const auto object, co_await change_version(s, call, std::move(change)));
  auto response = empty_reply(204);
  add_version_header(object, response.headers);
  co_return response;
}

}  // namespace

extern const S3Operation DeleteObjectTagging{.name = "DeleteObjectTagging",
                                             .method = "DELETE",
                                             .resource = Resource::object,
                                             .permission = "s3:DeleteObjectTagging",
                                             .selector = "tagging",
                                             .run = run};

}  // namespace angophora::walrus::delete_object_tagging
