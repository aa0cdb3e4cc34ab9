// ForgetImage: nodes are not served its parts any longer. The objects stay.
#include "walrus/operations/operations.h"
#include "walrus/store/images.h"

namespace angophora::walrus {

using ForgetImage = soap::walrus::ForgetImage;

Task<ForgetImage::Reply> forget_image(OperationServices& services, soap::Caller,
                                      ForgetImage::Request request) {
  const common::ImageId id(request.imageId);
  auto remove = [id](Tx& tx) { return Images(tx).remove(id); };
  CO_TRY_VOID(co_await services.s3.db.write(std::move(remove)));
  co_return ForgetImage::Reply();
}

}  // namespace angophora::walrus
