// oauth4webapi, from the address of the API alone to revoked tokens.
import * as oauth from 'oauth4webapi'
import { done, open, told } from '../conversation.mjs'

const insecure = { [oauth.allowInsecureRequests]: true }
const resource = new URL(`${told.base}/v1`)
const redirectUri = 'https://app.example/callback'

const about = await oauth.processResourceDiscoveryResponse(
  resource, await oauth.resourceDiscoveryRequest(resource, insecure))
const issuer = new URL(about.authorization_servers[0])
const server = await oauth.processDiscoveryResponse(
  issuer, await oauth.discoveryRequest(issuer, { ...insecure, algorithm: 'oauth2' }))
const client = await oauth.processDynamicClientRegistrationResponse(
  await oauth.dynamicClientRegistrationRequest(server, {
    client_name: 'oauth4webapi',
    redirect_uris: [redirectUri],
    token_endpoint_auth_method: told.method,
  }, insecure))
const proof = {
  none: () => oauth.None(),
  client_secret_basic: () => oauth.ClientSecretBasic(client.client_secret),
  client_secret_post: () => oauth.ClientSecretPost(client.client_secret),
}[told.method]()

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const asking = new URL(server.authorization_endpoint)
asking.search = new URLSearchParams({
  client_id: client.client_id,
  redirect_uri: redirectUri,
  response_type: 'code',
  scope: 'contact.read contact.write',
  resource: resource.href,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
})
const back = oauth.validateAuthResponse(server, client, await open(asking), state)
const first = await oauth.processAuthorizationCodeResponse(server, client,
  await oauth.authorizationCodeGrantRequest(server, client, proof, back, redirectUri,
    verifier, { ...insecure, additionalParameters: { resource: resource.href } }))

const me = new URL(`${resource.href}/me`)
const headers = new Headers({ version: told.version })
const call = async (token) => (await oauth.protectedResourceRequest(
  token, 'GET', me, headers, undefined, insecure)).status

const called = await call(first.access_token)
const second = await oauth.processRefreshTokenResponse(server, client,
  await oauth.refreshTokenGrantRequest(server, client, proof, first.refresh_token, insecure))
const calledAgain = await call(second.access_token)
let introspected = null
if (told.method !== 'none') {
  introspected = await oauth.processIntrospectionResponse(server, client,
    await oauth.introspectionRequest(server, client, proof, second.access_token, insecure))
}
await oauth.processRevocationResponse(
  await oauth.revocationRequest(server, client, proof, second.refresh_token, insecure))

let refused = null
for (const end = Date.now() + 1000; !refused && Date.now() < end;) {
  await call(second.access_token).catch((error) => { refused = error.status })
}
done({ called, calledAgain, introspected, refused, scope: first.scope })
