// AbortMultipartUpload: forgets the parts that have come.
#include "walrus/s3/commit.h"
#include "walrus/s3/multipart.h"
#include "walrus/s3/replies.h"

namespace angophora::walrus::abort_multipart_upload {
namespace {

Task<http::Response> run(Services& s, S3Call& call) {
  const Access access(call);
  const auto upload_id = call.parameter_or_empty("uploadId");
  auto remove = [access, upload_id](Tx& tx) -> Result<FreedBlobs> {
    TRY(const auto upload, find_upload(tx, access, upload_id));
    FreedBlobs freed;
    TRY_VOID(Uploads(tx).remove(upload, freed));
    return freed;
  };
  CO_TRY(auto freed, co_await s.db.write(std::move(remove)));
  discard_blobs(s, std::move(freed));
  co_return empty_reply(204);
}

}  // namespace

extern const S3Operation AbortMultipartUpload{.name = "AbortMultipartUpload",
                                              .method = "DELETE",
                                              .resource = Resource::object,
                                              .permission = "s3:AbortMultipartUpload",
                                              .selector = "uploadId",
                                              .run = run};

}  // namespace angophora::walrus::abort_multipart_upload
