// How a bucket encrypts what comes without its own word on that.
#pragma once

#include "walrus/documents/shape.h"

namespace angophora::walrus {

extern const Shape kEncryptionShape;
common::Result<> check_encryption(const xml::Element& root);
// AES256 or aws:kms; "" without a default.
std::string algorithm_of(const xml::Element& root);
std::string kms_key_of(const xml::Element& root);

}  // namespace angophora::walrus
