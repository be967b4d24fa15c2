using StreamPlatform.Gateway;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Gateway.Sockets;

namespace StreamPlatform.Tests.Unit.Gateway;

public sealed class GatewayPartsTests
{
    [Fact]
    public void The_token_key_outlives_the_process_and_is_the_owners_only()
    {
        var folder = Directory.CreateTempSubdirectory("gateway-key-").FullName;
        try
        {
            var first = TokenKeyFile.ReadOrCreate(folder);
            Assert.Equal(first, TokenKeyFile.ReadOrCreate(folder));
            var file = Assert.Single(Directory.GetFiles(folder));
            if (!OperatingSystem.IsWindows())
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            File.WriteAllBytes(file, [1, 2, 3]);
            Assert.Contains(file, Assert.Throws<InvalidDataException>(() => TokenKeyFile.ReadOrCreate(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_fast_client_is_slowed_to_the_rate_after_its_burst()
    {
        var time = new ManualTime();
        var pace = new Pace(10, 3, time);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(pace.TakeAsync(default).AsTask().IsCompletedSuccessfully);
        }

        var fourth = pace.TakeAsync(default).AsTask();
        Assert.False(fourth.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(99));
        Assert.False(fourth.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(2));
        await fourth;
        time.Advance(TimeSpan.FromSeconds(60));
        for (var i = 0; i < 3; i++)
        {
            Assert.True(pace.TakeAsync(default).AsTask().IsCompletedSuccessfully);
        }

        Assert.False(pace.TakeAsync(default).AsTask().IsCompleted);
    }

    [Fact]
    public void A_failed_confirmation_takes_back_every_unconfirmed_number()
    {
        var stream = new SequencedStream(8);
        var acked = new List<long>();
        var failures = 0;
        stream.Delivered = acked.Add;
        stream.Failed = _ => failures++;
        TaskCompletionSource[] writes = [new(), new(), new()];
        for (var i = 0; i < 3; i++)
        {
            stream.Accept(i + 1, writes[i].Task);
        }

        var drained = stream.WaitDrainedAsync();
        writes[0].SetResult();
        writes[1].SetException(new IOException("lost"));
        writes[2].SetResult();
        Assert.Equal([1L], acked);
        Assert.Equal((1L, 1L, 1), (stream.LastDelivered, stream.LastAccepted, failures));
        Assert.Equal(SequenceVerdict.Next, stream.Classify(2));
        Assert.True(drained.IsFaulted || drained.Status == TaskStatus.WaitingForActivation);
    }

    [Fact]
    public async Task A_stream_at_its_bound_has_no_room_until_a_confirmation()
    {
        var stream = new SequencedStream(2);
        TaskCompletionSource[] writes = [new(), new()];
        stream.Accept(1, writes[0].Task);
        Assert.True(stream.WaitForRoomAsync().IsCompleted);
        stream.Accept(2, writes[1].Task);
        var room = stream.WaitForRoomAsync();
        Assert.False(room.IsCompleted);
        writes[0].SetResult();
        await room;
    }

    [Fact]
    public void Settings_out_of_range_are_named_with_their_range()
    {
        var error = Assert.Throws<ArgumentException>(() => new GatewayOptions { MaxFrameBytes = 1, FramesPerSecond = 0, TokenKey = [1] }.Validate());
        Assert.Contains("Gateway:MaxFrameBytes is 1, accepted are 1024", error.Message);
        Assert.Contains("Gateway:FramesPerSecond", error.Message);
        Assert.Contains("Gateway:TokenKey", error.Message);
        new GatewayOptions().Validate();
    }
}
