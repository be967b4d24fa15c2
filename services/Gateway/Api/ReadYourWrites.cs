using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using StreamPlatform.Postgres.Replica;

namespace StreamPlatform.Gateway.Api;

/// <summary>
/// Who has just changed something sees it: a cookie carries the time of a person's last change, on whatever gateway, and reads go to the
/// primary until the replica has replayed what the primary held when the change had arrived there. Reads that decide a change go to the primary.
/// </summary>
public static class ReadYourWrites
{
    private const string Cookie = "wrote";

    private static readonly ReplicaOptions Replica = new();

    // after that long a replica that may be read at all shows the change
    private static readonly TimeSpan Life = Replica.WriteSettles + Replica.MaxLag;

    /// <summary>Before everything that reads.</summary>
    public static void UseReadYourWrites(this IApplicationBuilder app, TimeProvider time) => app.Use(async (context, next) =>
    {
        var changes = !(HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || HttpMethods.IsOptions(context.Request.Method));
        if (changes)
        {
            context.Response.OnStarting(() =>
            {
                if (context.Response.StatusCode is >= 200 and < 300)
                {
                    context.Response.Cookies.Append(Cookie, NowMs(time).ToString(CultureInfo.InvariantCulture), new() { MaxAge = Life, HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true });
                }

                return Task.CompletedTask;
            });
        }

        using (ReadScope.Enter(changes ? ReadScope.Primary : AsOfMs(context.Request.Cookies[Cookie], time)))
        {
            await next(context);
        }
    });

    /// <summary>What a read must show; 0 where the cookie is missing, old, or not ours.</summary>
    public static long AsOfMs(string? cookie, TimeProvider time) =>
        long.TryParse(cookie, NumberStyles.None, CultureInfo.InvariantCulture, out var wroteMs) && Math.Abs(NowMs(time) - wroteMs) <= (long)Life.TotalMilliseconds
            ? wroteMs + (long)Replica.WriteSettles.TotalMilliseconds
            : 0;

    private static long NowMs(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
