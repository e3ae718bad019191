// openid-client, from the issuer to revoked tokens.
import * as client from 'openid-client'
import { done, open, told } from '../conversation.mjs'

const redirect_uri = 'https://app.example/callback'
const proof = {
  none: () => client.None(),
  client_secret_basic: () => client.ClientSecretBasic(),
  client_secret_post: () => client.ClientSecretPost(),
}[told.method]()

const config = await client.dynamicClientRegistration(new URL(told.base), {
  client_name: 'openid-client',
  redirect_uris: [redirect_uri],
  token_endpoint_auth_method: told.method,
}, proof, { algorithm: 'oauth2', execute: [client.allowInsecureRequests] })

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const asking = client.buildAuthorizationUrl(config, {
  redirect_uri,
  scope: 'contact.read contact.write',
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
})
const first = await client.authorizationCodeGrant(config, await open(asking), {
  pkceCodeVerifier: verifier,
  expectedState: state,
})

const me = new URL(`${told.base}/v1/me`)
const headers = new Headers({ version: told.version })
const call = async (token) => (await client.fetchProtectedResource(
  config, token, me, 'GET', undefined, headers)).status

const called = await call(first.access_token)
const second = await client.refreshTokenGrant(config, first.refresh_token)
const calledAgain = await call(second.access_token)
const introspected = told.method === 'none'
  ? null : await client.tokenIntrospection(config, second.access_token)
await client.tokenRevocation(config, second.refresh_token)

let refused = null
for (const end = Date.now() + 1000; !refused && Date.now() < end;) {
  await call(second.access_token).catch((error) => { refused = error.status })
}
done({ called, calledAgain, introspected, refused, scope: first.scope })
