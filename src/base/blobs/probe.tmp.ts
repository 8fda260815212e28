import { startRadosgw } from "./radosgw.ts";
import { S3Client, CreateBucketCommand, PutObjectCommand, HeadObjectCommand, CreateMultipartUploadCommand, UploadPartCommand, UploadPartCopyCommand, CompleteMultipartUploadCommand, GetObjectCommand, CopyObjectCommand } from "@aws-sdk/client-s3";
let t=performance.now(); const s = await startRadosgw(); console.log("start ms", performance.now()-t);
try {
  const c = new S3Client({ endpoint: s.endpoint, region: "us-east-1", forcePathStyle: true, credentials: s });
  const B="bucket"; await c.send(new CreateBucketCommand({Bucket:B}));
  const put=(k:string,x={})=>c.send(new PutObjectCommand({Bucket:B,Key:k,Body:Buffer.from("hello"),ServerSideEncryption:"AES256",Metadata:{"kliv-sha256":"ab"},IfNoneMatch:"*",...x}));
  const p=await put("a"); console.log(p);
  console.log(await put("a").catch(e=>[e.name,e.$metadata.httpStatusCode]));
  console.log(await c.send(new HeadObjectCommand({Bucket:B,Key:"a"})));
  console.log(await c.send(new HeadObjectCommand({Bucket:B,Key:"zz"})).catch(e=>[e.name,e.$metadata.httpStatusCode]));
  console.log(await c.send(new GetObjectCommand({Bucket:B,Key:"a",Range:"bytes=9-"})).catch(e=>[e.name,e.$metadata.httpStatusCode]));
  const m=await c.send(new CreateMultipartUploadCommand({Bucket:B,Key:"m",ServerSideEncryption:"AES256",Metadata:{x:"y"}}));
  const part=await c.send(new UploadPartCommand({Bucket:B,Key:"m",UploadId:m.UploadId,PartNumber:1,Body:Buffer.alloc(6e6)})); console.log(part);
  const done=(key:string,id:any,etag:any,x={})=>c.send(new CompleteMultipartUploadCommand({Bucket:B,Key:key,UploadId:id,MultipartUpload:{Parts:[{PartNumber:1,ETag:etag}]},...x}));
  console.log("complete",await done("m",m.UploadId,part.ETag,{IfNoneMatch:"*"}).catch(e=>[e.name,e.$metadata.httpStatusCode]));
  const m2=await c.send(new CreateMultipartUploadCommand({Bucket:B,Key:"m",ServerSideEncryption:"AES256",Metadata:{x:"z"}}));
  const pc=await c.send(new UploadPartCopyCommand({Bucket:B,Key:"m",UploadId:m2.UploadId,PartNumber:1,CopySource:`${B}/m`,CopySourceRange:"bytes=0-5999999"})).catch(e=>[e.name,e.message,e.$metadata.httpStatusCode] as any); console.log("partcopy",pc);
  console.log("complete over existing w/ ifnonematch",await done("m",m2.UploadId,pc.CopyPartResult?.ETag,{IfNoneMatch:"*"}).catch(e=>[e.name,e.$metadata.httpStatusCode]));
  console.log(await c.send(new HeadObjectCommand({Bucket:B,Key:"m"})));
  console.log("copy", await c.send(new CopyObjectCommand({Bucket:B,Key:"m",CopySource:`${B}/a`,MetadataDirective:"REPLACE",IfNoneMatch:"*"} as any)).catch(e=>[e.name,e.message,e.$metadata.httpStatusCode]));
} finally { await s.stop(); }
