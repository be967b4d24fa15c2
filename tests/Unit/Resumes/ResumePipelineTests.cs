using System.Text;
using Google.Protobuf;
using StreamPlatform.LanguageModels.Resumes;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.Topology;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Tests.Unit.Resumes;

/// <summary>The resumes processor on the in-memory driver: whatever becomes of a request, one result leaves.</summary>
public sealed class ResumePipelineTests
{
    private const string Job = "Kafka engineer with C#";
    private const string Text = "Jane Example, Kafka and C# since 2015";
    private static readonly PlainSerdes Events = new();

    private readonly MemoryResumes memory = new();

    private TopologyTestDriver Driver(IResumeModel? model = null, VirtualTime? time = null) =>
        new(ResumeTopology.Build(Events, memory.Engines(model ?? new OfflineResumeModel()), time ?? TimeProvider.System), time: time);

    private static ResumeRequested Request(string task, int index = 0, int count = 1, string candidate = "c1", int version = 1, string text = Text, string job = Job) => new()
    {
        TaskId = task, Tenant = "t", CandidateId = candidate, JobId = "j1", JobVersion = version, JobDescription = job, ResumeText = text, ItemIndex = index, ItemCount = count, Bulk = count > 1, RequestedBy = "hr-1",
    };

    private async Task<ResumeRequested> FileAsync(string task, string content)
    {
        var stored = await memory.PutAsync($"{task}/0", Encoding.UTF8.GetBytes(content), CancellationToken.None);
        var request = Request(task, text: "");
        (request.FileKey, request.FileSha256, request.FileBytes) = (stored.Key, stored.Sha256, stored.Bytes);
        return request;
    }

    [Fact]
    public async Task A_file_becomes_a_result_then_it_is_deleted_and_the_deletion_audited()
    {
        using var driver = Driver();
        Pipe(driver, await FileAsync("task-1", Text));
        var result = Assert.Single(Results(driver));
        Assert.Equal(("task-1", "", "offline-coverage", true), (result.TaskId, result.Error, result.Engine, result.NeedsHumanReview));
        Assert.InRange(result.Score, 50, 100);
        Assert.Empty(memory.Files);
        var audit = Single<AuditEvent>(driver, Topics.Audit);
        Assert.Equal(("resume.file-deleted", "its result is out"), (audit.Action, audit.Reason));
        Assert.Empty(Read<Notification>(driver, Topics.Notifications));
    }

    [Fact]
    public async Task A_file_is_deleted_when_the_media_store_is_back_also_after_a_long_outage()
    {
        using var driver = Driver();
        memory.DeletesToFail = 200;
        Pipe(driver, await FileAsync("task-1", Text));
        for (var i = 0; i < 250; i++)
        {
            driver.Advance(TimeSpan.FromSeconds(10));
        }

        Assert.Empty(memory.Files);
        Assert.Single(Results(driver));
        Single<AuditEvent>(driver, Topics.Audit);
        Assert.Empty(driver.ReadDeadLetters(Topics.ResumeResults));
    }

    [Fact]
    public async Task A_damaged_file_goes_to_the_dead_letters_and_its_error_to_the_results_and_to_who_asked()
    {
        using var driver = Driver();
        Pipe(driver, await FileAsync("task-1", "%PDF-broken"));
        Assert.Single(driver.ReadDeadLetters(Topics.ResumeRequests));
        Assert.Equal("the PDF is damaged or cut off", Assert.Single(Results(driver)).Error);
        Assert.Empty(memory.Files);
        var notice = Single<Notification>(driver, Topics.Notifications);
        Assert.Equal(("resume-failed", "hr-1", "the PDF is damaged or cut off"), (notice.Template, notice.RecipientId, notice.Values["error"]));
    }

    [Fact]
    public void The_same_resume_for_the_same_job_version_is_answered_from_the_cache_and_a_changed_one_is_not()
    {
        var chat = new FakeChat(_ => FakeChat.Answer(80, "Kafka and C# since 2015"));
        using var model = new ProviderResumeModel(chat, new() { RequestsPerSecond = 1000 }, TimeProvider.System);
        using var driver = Driver(model);
        Pipe(driver, Request("a"));
        Pipe(driver, Request("b"));
        Pipe(driver, Request("c", version: 2));
        Pipe(driver, Request("d", version: 2, text: Text + ", Go"));
        Pipe(driver, Request("e", version: 2, job: Job + " and Go", text: Text + ", Go"));
        Pipe(driver, Request("f", version: 2, job: Job + " and Go", text: Text + ", Go"));
        Pipe(driver, Request("g", candidate: "c2"));
        var results = Results(driver);
        Assert.Equal([("a", false), ("b", true), ("c", false), ("d", false), ("e", false), ("f", true), ("g", false)], results.Select(r => (r.TaskId, r.FromCache)));
        Assert.Equal(5, chat.Count);
        Assert.All(results, r => Assert.Equal(80, r.Score));
        Assert.Equal([0.002, 0], results.Take(2).Select(r => r.CostUsd));
    }

    [Fact]
    public void A_provider_that_is_down_is_asked_again_later_and_every_resume_is_answered()
    {
        var down = true;
        var chat = new FakeChat(_ => down ? throw new ProviderException(ProviderFailure.BreakerOpen, "open") : FakeChat.Answer(80, "Kafka and C# since 2015"));
        using var model = new ProviderResumeModel(chat, new() { RequestsPerSecond = 1000 }, TimeProvider.System);
        using var driver = Driver(model);
        Pipe(driver, Request("a"));
        Pipe(driver, Request("b", candidate: "c2"));
        Assert.Empty(Results(driver));
        down = false;
        driver.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(["a", "b"], Results(driver).Select(r => r.TaskId).Order());
        Assert.Empty(driver.ReadDeadLetters(Topics.ResumeRequests));
    }

    [Fact]
    public void A_provider_that_stays_down_leaves_a_result_that_says_so()
    {
        var chat = new FakeChat(_ => throw new ProviderException(ProviderFailure.QuotaExhausted, "no key has quota left"));
        using var model = new ProviderResumeModel(chat, new() { RequestsPerSecond = 1000 }, TimeProvider.System);
        using var driver = Driver(model);
        Pipe(driver, Request("a"));
        for (var i = 0; i < 10; i++)
        {
            driver.Advance(TimeSpan.FromMinutes(31));
        }

        Assert.Contains("no key has quota left", Assert.Single(Results(driver)).Error, StringComparison.Ordinal);
        Assert.Equal(6, chat.Count);
    }

    [Fact]
    public void The_end_of_a_bulk_task_is_told_once_with_its_counts_also_over_a_restart()
    {
        using var driver = Driver();
        Pipe(driver, Request("bulk", 0, 3, "c1"));
        Pipe(driver, Request("bulk", 1, 3, "c2", text: "%PDF-broken"));
        driver.Restart();
        Assert.Empty(Read<Notification>(driver, Topics.Notifications));
        Pipe(driver, Request("bulk", 2, 3, "c1"));
        Pipe(driver, Request("bulk", 2, 3, "c1")); // sent twice
        Assert.Equal(4, Results(driver).Count);
        var notice = Single<Notification>(driver, Topics.Notifications);
        Assert.Equal(("resume-task-finished", "3", "2", "1", "1"), (notice.Template, notice.Values["items"], notice.Values["done"], notice.Values["failed"], notice.Values["fromCache"]));
    }

    [Fact]
    public void A_bulk_task_that_does_not_end_is_told_of_after_a_day()
    {
        using var driver = Driver();
        Pipe(driver, Request("bulk", 0, 2));
        driver.Advance(TimeSpan.FromHours(25));
        var notice = Single<Notification>(driver, Topics.Notifications);
        Assert.Equal(("resume-task-incomplete", "bulk", "1"), (notice.Template, notice.Values["taskId"], notice.Values["done"]));
    }

    /// <summary>The load in small, on a clock that moves only when told: 300 resumes, 30 calls a second.</summary>
    [Fact]
    public async Task Of_three_hundred_resumes_every_one_is_answered_and_no_second_has_more_than_thirty_calls()
    {
        const int Resumes = 300;
        var time = new VirtualTime();
        var chat = new FakeChat(r => r.User.Contains("unlucky", StringComparison.Ordinal) ? "not json" : FakeChat.Answer(80, "Kafka and C# since 2015"), time);
        using var model = new ProviderResumeModel(chat, new(), time);
        using var driver = Driver(model, time);
        for (var i = 0; i < Resumes; i++)
        {
            // every tenth repeats the one before, every hundredth cannot be judged
            var candidate = $"c{(i % 10 == 9 ? i - 1 : i)}";
            driver.Enqueue(Topics.ResumeRequests, candidate, Request("bulk", i, Resumes, candidate, text: i % 100 == 50 ? Text + " unlucky" : Text), Serdes.Utf8, Events.For<ResumeRequested>());
        }

        List<ResumeOptimized> results = [];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (results.Count < Resumes)
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(10));
            await Eventually.TrueAsync(() => chat.Count >= model.Granted, "every call that may start has started"); // so that its time is that of its turn
            driver.Pump();
            results.AddRange(Results(driver));
            await Task.Yield();
        }

        Assert.Equal(Enumerable.Range(0, Resumes), results.Select(r => r.ItemIndex).Order());
        Assert.Equal(3, results.Count(r => r.Error.Length > 0));
        Assert.Equal(30, results.Count(r => r.FromCache));
        var starts = chat.Calls.Select(c => c.At).Order().ToList();
        Assert.Equal(Resumes - 30 + 3, starts.Count); // those that cannot be judged are asked about twice
        Assert.All(Enumerable.Range(30, starts.Count - 30), i => Assert.True(starts[i] - starts[i - 30] >= TimeSpan.FromSeconds(1)));
    }

    private static void Pipe(TopologyTestDriver driver, ResumeRequested request) =>
        driver.Pipe(Topics.ResumeRequests, request.CandidateId, request, Serdes.Utf8, Events.For<ResumeRequested>());

    private static List<ResumeOptimized> Results(TopologyTestDriver driver) => Read<ResumeOptimized>(driver, Topics.ResumeResults);

    private static T Single<T>(TopologyTestDriver driver, string topic) where T : class, IMessage<T>, new() => Assert.Single(Read<T>(driver, topic));

    private static List<T> Read<T>(TopologyTestDriver driver, string topic) where T : class, IMessage<T>, new() =>
        [.. driver.Read(topic, Serdes.Utf8, Events.For<T>()).Select(r => r.Value!)];

    private sealed class PlainSerdes : IEventSerdes
    {
        public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new StateSerde<T>();
    }
}
