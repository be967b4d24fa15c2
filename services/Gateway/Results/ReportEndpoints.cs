using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using StreamPlatform.Gateway.Api;
using StreamPlatform.Reports;
using StreamPlatform.Reports.Pdf;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Results;

/// <summary>The report of a session: JSON and PDF. Who may read the results may read it. The page is client/report.html.</summary>
internal static class ReportEndpoints
{
    private const string NotReady = "report-not-ready";
    private const string Unavailable = "results-unavailable";

    public static void MapReports(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/sessions/{id}/report", (HttpContext context, string id, ReportService reports) =>
            AnswerAsync(context, id, reports, report => Task.FromResult(HttpResults.Ok(report))));
        app.MapGet("/api/sessions/{id}/report.pdf", (HttpContext context, string id, ReportService reports) => ReportPdf.Available
            ? AnswerAsync(context, id, reports, async report =>
            {
                context.Response.Headers.ContentDisposition = $"inline; filename=\"report-{FileName(id)}.pdf\"";
                return HttpResults.Bytes(await reports.RenderAsync(report, context.RequestAborted), "application/pdf");
            })
            : Task.FromResult(Problems.Of(503, "no-fonts", "This build has no fonts for PDFs: run ./streamplatform, which brings them and builds again.")));
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, string id, ReportService reports, Func<ReportDocument, Task<IResult>> answer)
    {
        var (state, report) = await reports.FindAsync(id, context.RequestAborted);
        context.Response.Headers.CacheControl = "no-store"; // personal data, and a revision may follow
        switch (state)
        {
            case ReportState.Ready:
                return await answer(report!);
            case ReportState.NotReady:
                context.Response.Headers.RetryAfter = "5";
                return Problems.Of(404, NotReady, "The report is written when the interview is over and all of it has been analysed: ask again.");
            case ReportState.Unavailable:
                context.Response.Headers.RetryAfter = "5";
                return Problems.Of(503, Unavailable, "The store of the results does not answer: ask again.");
            default:
                return Problems.Of(404, RefusalCodes.UnknownSession, $"No session {id} is known: GET /api/sessions lists those that are.");
        }
    }

    // A session id is a part of an address: what a header could not carry is left out.
    private static string FileName(string id) => string.Concat(id.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
}
