/** A certificate for localhost that nobody signed, until 2126, and its key: of the tests alone. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBlTCCATugAwIBAgIUT+m1ZMfmq+rmfglybGKMIecHO0cwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODA4NTUyN1oYDzIxMjYxMTA0
MDg1NTI3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARMbpBYvl1cPfvzPLbXwzo2yPvw9aEQXkpae8KTv0XF5FVbAWe2/V++
SvS+egrY3qL1r4a7ovzdtJsq2+VOaeQwo2kwZzAdBgNVHQ4EFgQUWVT3ybsVuYga
ChsmGKafj+zI5FIwHwYDVR0jBBgwFoAUWVT3ybsVuYgaChsmGKafj+zI5FIwDwYD
VR0TAQH/BAUwAwEB/zAUBgNVHREEDTALgglsb2NhbGhvc3QwCgYIKoZIzj0EAwID
SAAwRQIhANHNOxd8okmnaOGmaVrEy4V+EZhmkqhRQ69XrrmTvFWDAiAQqDEZ6iqU
mcxyxPe5NhWJLF7BlzhZXWb1jCEufASWhw==
-----END CERTIFICATE-----
`
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgs/hGuSsUHzbdG1DI
tFSvp+jZwgxUpJDGVB0KMR89Xb+hRANCAARMbpBYvl1cPfvzPLbXwzo2yPvw9aEQ
Xkpae8KTv0XF5FVbAWe2/V++SvS+egrY3qL1r4a7ovzdtJsq2+VOaeQw
-----END PRIVATE KEY-----
`
