using StreamPlatform.Gateway;
using StreamPlatform.Hosting;

return await ServiceProgram.RunAsync("gateway", GatewayService.AddAsync, app => app.MapGateway(), args);
