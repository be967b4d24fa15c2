using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>What the shared cache keeps of a brief: the question as Protobuf, or nothing when what the model wrote may not be asked. Other outcomes are not kept.</summary>
internal static class QuestionBytes
{
    public static byte[] Write(WrittenQuestion written) => written.Question?.ToByteArray() ?? [];

    /// <exception cref="InvalidDataException">Of another version of the program.</exception>
    public static WrittenQuestion Read(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return new(null, QuestionOutcomes.Rejected);
        }

        try
        {
            var question = Question.Parser.ParseFrom(bytes);
            return question.Text.Length > 0 ? new(question, QuestionOutcomes.Generated) : throw new InvalidDataException("a question without text");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("not of this version", e);
        }
    }
}
