// PutObjectTagging: other tags for a version.
#include "walrus/documents/tagging.h"
#include "walrus/domain/tags.h"
#include "walrus/s3/body.h"
#include "walrus/s3/object_headers.h"
#include "walrus/s3/object_setting.h"
#include "walrus/s3/replies.h"
#include "walrus/store/objects.h"

namespace angophora::walrus::put_object_tagging {
namespace {

constexpr std::size_t kDocumentBytesMax = 64 * 1024;

Task<http::Response> run(Services& s, S3Call& call) {
  CO_TRY(const auto document, co_await read_xml(call, kDocumentBytesMax));
  CO_TRY_VOID(check_shape(document, kTaggingShape));
  const auto tags = tags_of(document);
  CO_TRY_VOID(check_tags(tags, kObjectTagsMax));
  ChangeVersion change = [tags](Tx& tx, const Bucket&, Object& object) {
    return Objects(tx).set_tags(object, tags);
  };
  CO_TRY(const auto object, co_await change_version(s, call, std::move(change)));
  auto response = empty_reply(200);
  add_version_header(object, response.headers);
  co_return response;
}

}  // namespace

extern const S3Operation PutObjectTagging{.name = "PutObjectTagging",
                                          .method = "PUT",
                                          .resource = Resource::object,
                                          .permission = "s3:PutObjectTagging",
                                          .selector = "tagging",
                                          .run = run};

}  // namespace angophora::walrus::put_object_tagging
