// What each of bucket_documents.inc is: its shape, what else it must be, what it changes.
#pragma once

#include "walrus/documents/shape.h"
#include "walrus/domain/object.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

struct BucketDocument {
  std::string_view parameter;  // and name in the database
  const Shape* shape;
  Result<> (*check)(const xml::Element&) = nullptr;
  // Completes what the client may leave out, before it is kept.
  void (*complete)(common::Runtime&, xml::Element&) = nullptr;
  // What else the bucket must be, or becomes, in the transaction that keeps the document.
  Result<> (*apply)(Tx&, const Bucket&, const xml::Element&) = nullptr;
  S3Errc missing;  // what GET says without one
  std::string_view missing_message;
  int put_status = 200;
  bool can_be_deleted = true;
  std::string_view default_content = {};  // what GET says instead of `missing`
};

Task<http::Response> get_bucket_document(Services& services, S3Call& call,
                                         const BucketDocument& document);
Task<http::Response> put_bucket_document(Services& services, S3Call& call,
                                         const BucketDocument& document);
Task<http::Response> delete_bucket_document(Services& services, S3Call& call,
                                            const BucketDocument& document);

}  // namespace angophora::walrus
